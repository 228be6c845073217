"""Stripe's client, led to Stripe or to the sandbox.

Import it in the function that needs it: the library takes half a second to load, which pages that
sell nothing need not wait for. Its calls wait for an answer, so async code makes them in a thread.
"""

from functools import lru_cache

import stripe

from core.env import get_settings

RETRIES = 2  # of requests that got no answer; Stripe's idempotency makes that safe
# Seconds. With the retries it is half a minute, before a proxy gives up on whoever waits.
TIMEOUT = 10


class NothingSold(RuntimeError):
    """There is no key of Stripe's."""


def stripe_client() -> stripe.StripeClient:
    """The client of this process; raises NothingSold when STRIPE_SECRET_KEY is not set."""
    settings = get_settings()
    key = settings.stripe_secret_key.get_secret_value()
    if not key:
        raise NothingSold("STRIPE_SECRET_KEY is not set: nothing can be bought")
    return make_client(key, settings.stripe_api_base)


@lru_cache(maxsize=4)
def make_client(key: str, api_base: str) -> stripe.StripeClient:
    """A client with this key; `api_base` is the sandbox's address, empty for Stripe itself."""
    return stripe.StripeClient(
        key,
        base_addresses={"api": api_base} if api_base else None,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )
