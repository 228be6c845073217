"""A sandbox that sells the plans of `catalog.py` in this project's name, for tests with tables."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import stripe

from core.billing.plans import Names
from core.billing.sync import Sync
from core.project import project
from sandbox.stripe.thread import RunningStripe, start
from tests.core.billing.catalog import CATALOG

NAMES = Names(project.slug)
# A Friday in January 2027, at nine in the morning, UTC.
NOW = 1_800_003_600


@dataclass(frozen=True)
class Shop:
    """Somebody who sells, and what their customers do."""

    sandbox: RunningStripe
    client: stripe.StripeClient

    def customer(self, card: str = "pm_card_visa") -> str:
        """Somebody new at Stripe; answers their name."""
        customer = self.client.v1.customers.create({"email": "ann@example.com"})
        self.use_card(customer.id, card)
        return customer.id

    def use_card(self, customer: str, card: str) -> None:
        """Collect from this card from now on."""
        method = self.client.v1.payment_methods.attach(card, {"customer": customer})
        self.client.v1.customers.update(
            customer, {"invoice_settings": {"default_payment_method": method.id}}
        )

    def price(self, product: str, interval: str = "month", currency: str = "usd") -> str:
        """The price of a product of `NAMES`."""
        key = NAMES.price(product, currency, interval)
        (price,) = self.client.v1.prices.list({"lookup_keys": [key]}).data
        return price.id

    def subscribe(
        self, customer: str, plan: str = "solo", quantity: int = 1, **more: Any
    ) -> stripe.Subscription:
        """A subscription to a plan, with all that it bills by use."""
        products = [NAMES.product("usage", code) for code in CATALOG.plan(plan).metered]
        wanted: Any = {
            "customer": customer,
            "items": [
                # The plan is not always the first.
                *({"price": self.price(product)} for product in products),
                {"price": self.price(NAMES.product("plan", plan)), "quantity": quantity},
            ],
            **more,
        }
        return self.client.v1.subscriptions.create(wanted)

    def buy(self, customer: str, code: str = "setup") -> stripe.checkout.Session:
        """Something that is paid once, paid."""
        session = self.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "customer": customer,
                "line_items": [
                    {"price": self.price(NAMES.product("once", code), ""), "quantity": 1}
                ],
                "success_url": "http://testserver/",
            }
        )
        self.sandbox.pay(str(session.url))
        return session


@contextlib.contextmanager
def open_shop(webhook: str | None = None, retries: Sequence[float] = (0.05,)) -> Iterator[Shop]:
    """A shop whose clock stands still at `NOW`."""
    with start(now=NOW, webhook=webhook, retries=retries) as sandbox:
        client = sandbox.client()
        Sync(client, CATALOG, NAMES).run()
        yield Shop(sandbox, client)
