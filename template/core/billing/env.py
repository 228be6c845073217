"""The environment variables of billing."""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator


class BillingSettings(BaseModel):
    """Without a key nothing can be bought; `just dev` leads to the sandbox instead."""

    stripe_secret_key: SecretStr = SecretStr("")
    # Two, separated by a comma, while one takes the other's place.
    stripe_webhook_secret: SecretStr = SecretStr("")
    # Whether Stripe Tax adds what is due; switch it on in Stripe's dashboard first.
    stripe_automatic_tax: bool = False
    # Where the sandbox is, in development and in tests.
    stripe_api_base: str = ""
    # How long a team keeps its plan after a payment failed.
    billing_grace_days: int = Field(default=7, ge=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        key = self.stripe_secret_key.get_secret_value()
        if key and not key.startswith(("sk_", "rk_")):
            raise ValueError("STRIPE_SECRET_KEY: begins with sk_ or rk_; pk_ is the public key")
        if key and not self.stripe_webhook_secret.get_secret_value().startswith("whsec_"):
            raise ValueError("STRIPE_WEBHOOK_SECRET: is needed with a key and begins with whsec_")
        if self.stripe_api_base and self.is_live:
            raise ValueError("STRIPE_API_BASE: a live key goes to Stripe and nowhere else")
        return self

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        return self.stripe_secret_key.get_secret_value().startswith(("sk_live_", "rk_live_"))

    @property
    def sells(self) -> bool:
        """Whether anything can be bought."""
        return bool(self.stripe_secret_key.get_secret_value())
