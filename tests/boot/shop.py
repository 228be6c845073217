"""What a project sells, and how a person buys it at the stand-in for Stripe."""

import re
import time

from tests.boot.person import PATIENCE, Person

PRO = {"plan": "pro", "interval": "month", "currency": "usd"}


def prices_at_stripe(person: Person) -> frozenset[str]:
    """The prices that Stripe has; it names each when it is made."""
    return frozenset(re.findall(r"/object/(price_\w+)", person.get("/dev/stripe").text))


def subscribe(person: Person, **headers: str) -> None:
    """Let the person's own team have a plan, once Stripe's news of it are there."""
    (team,) = person.get("/api/v1/teams", **headers).json()["items"]
    billing = f"/api/v1/teams/{team['id']}/billing"
    checkout = person.post_json(f"{billing}/checkout", PRO, **headers)["url"]
    card = {"number": "4242424242424242", "email": person.email, "name": "Ann", "answer": "pay"}
    here = {"Origin": str(person.browser.base_url).rstrip("/")}
    paid = person.browser.post(checkout, data=card, headers=here, follow_redirects=False)
    assert paid.status_code == 303, paid.text
    deadline = time.monotonic() + PATIENCE
    while (plan := person.get(billing, **headers).json()["plan"]) != PRO["plan"]:
        assert time.monotonic() < deadline, plan
        time.sleep(0.1)
