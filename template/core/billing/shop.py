"""What everything needs that is done at Stripe for a team, and what becomes of Stripe's errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import stripe
import structlog

from core.billing.catalog import CATALOG
from core.billing.plans import Catalog, Names
from core.billing.stripe_client import NothingSold, stripe_client
from core.env import get_settings
from core.outbox.write import Execute
from core.problems import Problem, unavailable
from core.project import project

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True)
class Shop:
    """The database, Stripe, and what is sold.

    `execute` runs in a transaction that ends with what is done here: actions hold locks in it.
    """

    execute: Execute
    client: stripe.StripeClient
    catalog: Catalog = CATALOG
    names: Names = field(default_factory=lambda: Names(project.slug))
    automatic_tax: bool = field(default_factory=lambda: get_settings().stripe_automatic_tax)


@dataclass(frozen=True)
class TeamFacts:
    """The team that acts, and the address of the person who acts for it."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Addresses:
    """Where a person comes back to from Stripe's pages.

    In `done`, Stripe puts the name of the session in place of `{CHECKOUT_SESSION_ID}`.
    """

    done: str
    back: str


def open_shop(execute: Execute) -> Shop:
    """The shop of this project; raises 503 where nothing is sold."""
    try:
        return Shop(execute, stripe_client())
    except NothingSold:
        raise unavailable("Nothing can be bought here now.") from None


def conflict(kind: str, title: str, detail: str, **extra: Any) -> Problem:
    """409: what was asked for does not go together with what is."""
    return Problem(409, kind, title, detail, extra=extra)


def explained(action: Callable[P, T]) -> Callable[P, T]:
    """Let what Stripe refuses become problems that people understand."""

    @wraps(action)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return action(*args, **kwargs)
        except stripe.StripeError as error:
            refuse(error)

    return wrapped


def refuse(error: stripe.StripeError) -> NoReturn:
    """Raise the problem that an error of Stripe's is."""
    if isinstance(error, stripe.CardError):
        raise declined(error) from error
    if isinstance(error, stripe.InvalidRequestError):
        log.error("stripe_refused", error=str(error), code=error.code, param=error.param)
        raise conflict(
            "stripe-refused",
            "Stripe refuses this",
            "Stripe does not do this now. Look at the billing page for how things stand.",
        ) from error
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        # Nobody but us can mend that.
        log.error("stripe_key_refused", error=str(error))
    else:
        log.warning("stripe_unavailable", error=str(error))
    raise unavailable("Stripe does not answer now. Try again in a moment.") from error


def declined(error: stripe.CardError) -> Problem:
    """402: the card was not charged, and nothing was changed."""
    reason = error.user_message or "Your card was declined."
    return Problem(
        402,
        "payment-failed",
        "The payment failed",
        f"{reason} Nothing was changed. Open the customer portal to use another card, and try "
        "again.",
        extra={"code": error.code or ""},
    )
