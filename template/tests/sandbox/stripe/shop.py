"""Things to sell, for the tests."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import stripe

from sandbox.stripe.thread import RunningStripe

SUCCESS = "http://testserver/billing/done?session_id={CHECKOUT_SESSION_ID}"
CANCEL = "http://testserver/billing/"


@dataclass
class Shop:
    """A product with prices, made when they are asked for."""

    sandbox: RunningStripe
    client: stripe.StripeClient

    @cached_property
    def product(self) -> stripe.Product:
        return self.client.v1.products.create({"name": "Pro"})

    def price(self, amount: int = 3000, interval: str = "month") -> stripe.Price:
        recurring: Any = {"interval": interval}
        return self.client.v1.prices.create(
            {
                "product": self.product.id,
                "currency": "usd",
                "unit_amount": amount,
                "recurring": recurring,
            }
        )

    @cached_property
    def monthly(self) -> stripe.Price:
        return self.price()

    @cached_property
    def yearly(self) -> stripe.Price:
        return self.price(30_000, "year")

    @cached_property
    def once(self) -> stripe.Price:
        return self.client.v1.prices.create(
            {"product": self.product.id, "currency": "jpy", "unit_amount": 5000}
        )

    def customer(self, card: str = "pm_card_visa") -> stripe.Customer:
        """A customer whose invoices are collected from this card."""
        customer = self.client.v1.customers.create({"email": "ann@example.com"})
        if card:
            method = self.client.v1.payment_methods.attach(card, {"customer": customer.id})
            self.client.v1.customers.update(
                customer.id, {"invoice_settings": {"default_payment_method": method.id}}
            )
        return customer

    def subscribe(
        self, customer: stripe.Customer | None = None, quantity: int = 1, **more: Any
    ) -> stripe.Subscription:
        """A subscription to the monthly price."""
        wanted: Any = {
            "customer": (customer or self.customer()).id,
            "items": [{"price": self.monthly.id, "quantity": quantity}],
            **more,
        }
        return self.client.v1.subscriptions.create(wanted)

    def checkout(self, customer: stripe.Customer | None = None, /, **more: Any) -> Any:
        """A checkout of the monthly price."""
        wanted: Any = {
            "mode": "subscription",
            "line_items": [{"price": self.monthly.id, "quantity": 2}],
            "success_url": SUCCESS,
            "cancel_url": CANCEL,
            **({"customer": customer.id} if customer else {}),
            **more,
        }
        return self.client.v1.checkout.sessions.create(wanted)

    def again(self, subscription: stripe.Subscription) -> stripe.Subscription:
        """The subscription as it is now."""
        return self.client.v1.subscriptions.retrieve(subscription.id)

    def invoices(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        """Its invoices, the oldest first."""
        listed = self.client.v1.invoices.list({"subscription": subscription.id})
        return list(listed.auto_paging_iter())[::-1]
