"""A team subscribes, grows, changes, pays, cancels and goes on, by the API alone."""

import asyncio
from typing import Any

import pytest

from core.api.limits import Budget
from core.billing.catalog import CATALOG
from sandbox.mailbox.thread import Mailbox
from sandbox.stripe.thread import RunningStripe, session_of
from service.billing import routes
from service.billing.desk import AT_ONCE
from tests.billing.plans import LARGE, SMALL
from tests.billing.wanted import PURCHASES
from tests.service.billing.conftest import News
from tests.service.teams.conftest import Acme
from tests.service.teams.test_at_once import held

pytestmark = pytest.mark.anyio

WANTED = {"plan": SMALL.code, "interval": "month", "currency": "usd"}
LARGER = {"plan": LARGE.code, "interval": "month"}
sells_once = pytest.mark.skipif(not PURCHASES, reason="nothing is sold once")


async def billing(acme: Acme) -> dict[str, Any]:
    """What the team has, uses and may do."""
    answer = await acme.ask("owner", "GET", "/billing")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def subscribe(acme: Acme, news: News, **wanted: str) -> str:
    """Pay on the page; answers the session."""
    answer = await acme.ask("owner", "POST", "/billing/checkout", **(wanted or WANTED))
    assert answer.status_code == 200, answer.text
    return session_of(news.sandbox.pay(answer.json()["url"]))


def customer(acme: Acme) -> str:
    """The team's name at Stripe."""
    row = acme.database.execute(
        "SELECT stripe_id FROM billing_customer WHERE team_id = %s", [acme.id]
    ).fetchone()
    assert row
    return str(row["stripe_id"])


def at_stripe(acme: Acme, sandbox: RunningStripe) -> dict[str, Any]:
    """The subscription as Stripe has it."""
    (subscription,) = sandbox.truth(customer(acme))["subscriptions"]
    return dict(subscription)


async def test_a_checkout_is_complete_when_its_news_are_here(shopper: Acme, news: News) -> None:
    before = await billing(shopper)
    assert (before["plan"], before["standing"]) == (CATALOG.free.code, "free")
    assert before["members"] == 3
    session = await subscribe(shopper, news)
    checkout = f"/billing/checkout/{session}"
    assert (await shopper.ask("owner", "GET", checkout)).json() == {"status": "processing"}
    assert (await billing(shopper))["plan"] == CATALOG.free.code
    await news.arrive()
    assert (await shopper.ask("owner", "GET", checkout)).json() == {"status": "complete"}
    after = await billing(shopper)
    assert (after["plan"], after["standing"]) == (SMALL.code, "trial")
    assert after["features"] == sorted(SMALL.features)
    assert after["subscription"]["quantity"] == 3
    again = await shopper.ask("owner", "POST", "/billing/checkout", **WANTED)
    assert (again.status_code, again.json()["type"]) == (409, "urn:problem:subscribed")


async def test_seats_follow_the_members(
    shopper: Acme, news: News, sandbox: RunningStripe, mailbox: Mailbox
) -> None:
    await subscribe(shopper, news)
    await news.arrive()
    member = shopper.ids["member"]
    assert (await shopper.ask("owner", "DELETE", f"/members/{member}")).status_code == 204
    news.work()
    (item, *_) = [
        each for each in at_stripe(shopper, sandbox)["items"]["data"] if each.get("quantity")
    ]
    assert item["quantity"] == 2
    assert (await billing(shopper))["subscription"]["quantity"] == 2
    body = {"email": "outsider@example.com"}
    assert (await shopper.ask("owner", "POST", "/invitations", **body)).status_code == 201
    mine = (await shopper.clients["outsider"].get("/api/v1/me/invitations")).json()
    accepted = await shopper.clients["outsider"].post(
        f"/api/v1/me/invitations/{mine[0]['id']}/accept"
    )
    assert accepted.status_code == 200
    news.work()
    assert (await billing(shopper))["subscription"]["quantity"] == 3
    assert (await billing(shopper))["members"] == 3


async def test_a_plan_is_changed_canceled_and_resumed(
    shopper: Acme, news: News, sandbox: RunningStripe
) -> None:
    for path, body in (("change", LARGER), ("cancel", {}), ("resume", {}), ("portal", {})):
        answer = await shopper.ask("owner", "POST", f"/billing/{path}", **body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:problem:no-subscription")
    await subscribe(shopper, news)
    await news.arrive()
    changed = await shopper.ask("owner", "POST", "/billing/change", **LARGER)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["plan"], changed.json()["standing"]) == (LARGE.code, "active")
    canceled = await shopper.ask("admin", "POST", "/billing/cancel")
    assert canceled.json()["subscription"]["cancel_at"] == canceled.json()["until"] is not None
    assert at_stripe(shopper, sandbox)["cancel_at_period_end"]
    resumed = await shopper.ask("admin", "POST", "/billing/resume")
    assert resumed.json()["subscription"]["cancel_at"] is None
    await news.arrive()
    assert await billing(shopper) == resumed.json()
    invoices = (await shopper.ask("owner", "GET", "/billing/invoices")).json()["items"]
    assert [invoice["status"] for invoice in invoices] == ["paid", "paid"]
    assert [invoice["total"] for invoice in invoices][1] == 0
    portal = await shopper.ask("owner", "POST", "/billing/portal")
    assert portal.json()["url"].startswith(sandbox.url)


async def test_a_payment_that_fails_is_told_and_mended(
    shopper: Acme, news: News, sandbox: RunningStripe, mailbox: Mailbox
) -> None:
    await subscribe(shopper, news, **{**WANTED, "plan": LARGE.code})
    await news.arrive()
    sandbox.fail_next_payment(customer(shopper))
    sandbox.advance(days=32)
    await news.arrive()
    late = await billing(shopper)
    assert (late["standing"], late["plan"]) == ("grace", LARGE.code)
    assert late["subscription"]["pay_at"].startswith(sandbox.url)
    assert [mail.recipients for mail in mailbox.messages] == [["owner@example.com"]]
    sandbox.pay(late["subscription"]["pay_at"])
    await news.arrive()
    assert (await billing(shopper))["standing"] == "active"


async def test_a_card_that_is_declined_changes_nothing(
    shopper: Acme, news: News, sandbox: RunningStripe
) -> None:
    await subscribe(shopper, news)
    await news.arrive()
    sandbox.fail_next_payment(customer(shopper))
    answer = await shopper.ask("owner", "POST", "/billing/change", **LARGER)
    assert (answer.status_code, answer.json()["type"]) == (402, "urn:problem:payment-failed")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (await billing(shopper))["plan"] == SMALL.code


@sells_once
async def test_something_is_bought_once(shopper: Acme, news: News) -> None:
    wanted = PURCHASES[0]
    answer = await shopper.ask("owner", "POST", "/billing/purchases", **wanted)
    news.sandbox.pay(answer.json()["url"])
    await news.arrive()
    (bought,) = (await shopper.ask("owner", "GET", "/billing/purchases")).json()["items"]
    assert {name: bought[name] for name in wanted} == wanted
    (sold,) = [each for each in CATALOG.one_time if each.code == wanted["code"]]
    assert bought["amount"] == sold.amounts[wanted["currency"]]


async def test_what_is_not_sold_cannot_be_bought(shopper: Acme) -> None:
    for path, body in (
        ("checkout", {**WANTED, "plan": "nothing"}),
        ("checkout", {**WANTED, "plan": CATALOG.free.code}),
        ("checkout", {**WANTED, "currency": "xxx"}),
        ("checkout", {**WANTED, "price": "price_1"}),
        ("checkout", {**WANTED, "team_id": 1}),
        ("purchases", {"code": "nothing", "currency": "usd"}),
        ("change", {**LARGER, "customer": "cus_1"}),
    ):
        answer = await shopper.ask("owner", "POST", f"/billing/{path}", **body)
        assert answer.status_code == 422, body
    assert shopper.database.execute("SELECT 1 FROM billing_customer").fetchone() is None


async def test_the_checkout_of_another_team_is_not_found(shopper: Acme, news: News) -> None:
    session = await subscribe(shopper, news)
    client = shopper.clients["outsider"]
    own_teams = (await client.get("/api/v1/teams")).json()["items"]
    # A team that has a customer, too.
    own = f"/api/v1/teams/{own_teams[0]['id']}/billing"
    assert (await client.post(f"{own}/checkout", json=WANTED)).status_code == 200
    assert (await client.get(f"{own}/checkout/{session}")).status_code == 404
    assert (await shopper.ask("outsider", "GET", f"/billing/checkout/{session}")).status_code == 404


async def test_a_repeated_request_starts_one_checkout(shopper: Acme, news: News) -> None:
    url = f"/api/v1/teams/{shopper.id}/billing/checkout"
    key = {"Idempotency-Key": "once"}
    first, again = [
        await shopper.clients["owner"].post(url, json=WANTED, headers=key) for _ in range(2)
    ]
    assert again.json() == first.json()
    sessions = news.sandbox.truth(customer(shopper))["checkout_sessions"]
    assert len(sessions) == 1


async def test_two_at_once_get_one_checkout_of_one_customer(shopper: Acme, news: News) -> None:
    before = len(news.sandbox.customers())
    answers = await asyncio.gather(
        *(shopper.ask("owner", "POST", "/billing/checkout", **WANTED) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["url"] for answer in answers}) == 1
    assert len(news.sandbox.customers()) == before + 1


async def test_those_who_wait_for_stripe_do_not_use_up_the_process(
    shopper: Acme, sandbox: RunningStripe
) -> None:
    waiting = [object() for _ in range(int(AT_ONCE.total_tokens))]
    for each in waiting:
        AT_ONCE.acquire_on_behalf_of_nowait(each)
    try:
        answer = await shopper.ask("owner", "POST", "/billing/checkout", **WANTED)
    finally:
        for each in waiting:
            AT_ONCE.release_on_behalf_of(each)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_those_who_wait_leave_connections_to_others(shopper: Acme, news: News) -> None:
    assert (await shopper.ask("owner", "POST", "/billing/checkout", **WANTED)).status_code == 200
    customer_of_team = "SELECT 1 FROM billing_customer WHERE team_id = %s FOR UPDATE"
    with held(shopper, customer_of_team) as wait_for:
        waiting = [
            asyncio.ensure_future(shopper.ask("owner", "POST", "/billing/portal"))
            for _ in range(int(AT_ONCE.total_tokens) + 4)
        ]
        await wait_for(int(AT_ONCE.total_tokens))
        assert (await billing(shopper))["plan"] == CATALOG.free.code
    answers = [answer.status_code for answer in await asyncio.gather(*waiting)]
    assert sorted(set(answers)) == [200, 503]
    assert answers.count(503) == 4


@sells_once
async def test_a_team_starts_only_so_many_checkouts(
    shopper: Acme, news: News, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "CHECKOUTS", Budget("few-checkouts", amount=1, seconds=3600))
    answers = [
        await shopper.ask("owner", "POST", "/billing/checkout", **WANTED),
        await shopper.ask("owner", "POST", "/billing/purchases", **PURCHASES[0]),
        await shopper.ask("admin", "POST", "/billing/checkout", **WANTED),
    ]
    assert [answer.status_code for answer in answers] == [200, 429, 429]


async def test_an_outage_of_stripe_is_told_as_such(shopper: Acme, sandbox: RunningStripe) -> None:
    sandbox.fail_next_requests(500, 500, 500)
    answer = await shopper.ask("owner", "POST", "/billing/checkout", **WANTED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert shopper.database.execute("SELECT 1 FROM billing_customer").fetchone() is None
