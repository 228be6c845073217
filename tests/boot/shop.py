"""What a project sells, as its stand-in for Stripe shows it."""

import re

from tests.boot.person import Person


def prices_at_stripe(person: Person) -> frozenset[str]:
    """The prices that Stripe has; it names each when it is made."""
    return frozenset(re.findall(r"/object/(price_\w+)", person.get("/dev/stripe").text))
