"""Looks whether Stripe is set up as this project needs it: `just billing-doctor`.

It changes nothing. For whatever is wrong it says what to do.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import stripe

from core.billing.catalog import CATALOG
from core.billing.events import HANDLED
from core.billing.plans import Catalog, Names
from core.billing.stripe_client import NothingSold, stripe_client
from core.billing.sync import Sync, find_portal
from core.env import Settings, get_settings
from core.project import project

WEBHOOK_PATH = "/webhooks/stripe"
PATIENCE = 600  # seconds in which an event may be on its way


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `advice` says what to do and is empty if all is well."""

    what: str
    advice: str = ""


def examine(
    client: stripe.StripeClient, settings: Settings, catalog: Catalog, names: Names
) -> Iterator[Finding]:
    """Everything, one after the other; what cannot be looked at is a finding as well."""
    yield key(client, settings)
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("webhook endpoint", lambda: endpoint(client, settings)),
        ("deliveries", lambda: deliveries(client)),
        ("prices", lambda: prices(client, catalog, names)),
        ("portal", lambda: portal(client, names)),
        ("tax", lambda: tax(settings)),
    )
    for what, check in checks:
        try:
            yield check()
        except stripe.StripeError as error:
            yield Finding(what, f"Stripe does not tell: {error}")


def key(client: stripe.StripeClient, settings: Settings) -> Finding:
    """Whether the key is one, and of the right mode."""
    try:
        client.v1.accounts.retrieve_current()
    except stripe.AuthenticationError:
        return Finding(
            "key",
            "STRIPE_SECRET_KEY is not valid: copy it again from Developers > API keys in Stripe's "
            "dashboard.",
        )
    except stripe.StripeError as error:
        return Finding("key", f"Stripe cannot be reached: {error}")
    mode = "live" if settings.is_live else "test"
    if settings.is_production and not settings.is_live:
        return Finding(
            f"key ({mode} mode)", "ENVIRONMENT is production and the key is one of test mode."
        )
    if settings.is_live and not settings.is_production:
        return Finding(
            f"key ({mode} mode)", "The key is live and this is not production: use a test key."
        )
    return Finding(f"key ({mode} mode)")


def endpoint(client: stripe.StripeClient, settings: Settings) -> Finding:
    """Whether events reach us, all that we handle, as this version of the library reads them."""
    url = settings.origin + WEBHOOK_PATH
    what = f"webhook endpoint {url}"
    listed = client.v1.webhook_endpoints.list({"limit": 100})
    found = [each for each in listed.auto_paging_iter() if each.url.rstrip("/") == url]
    if not found:
        return Finding(
            what,
            "Stripe does not know it: add it under Developers > Webhooks, and put its signing "
            "secret into STRIPE_WEBHOOK_SECRET.",
        )
    enabled = [each for each in found if each.status == "enabled"]
    if not enabled:
        return Finding(what, "It is switched off at Stripe: enable it under Developers > Webhooks.")
    chosen = enabled[0]
    if len(enabled) > 1:
        return Finding(
            what,
            f"Stripe knows it {len(enabled)} times, and only one secret can be right: delete the "
            "others.",
        )
    missing = sorted(set(HANDLED) - set(chosen.enabled_events))
    if missing and "*" not in chosen.enabled_events:
        return Finding(what, f"It is not told of: {', '.join(missing)}. Add these events.")
    if chosen.api_version not in {None, stripe.api_version}:
        return Finding(
            what,
            f"It is of API version {chosen.api_version}, the library of {stripe.api_version}: add "
            "a new endpoint of that version, and delete this one.",
        )
    return Finding(what)


def deliveries(client: stripe.StripeClient) -> Finding:
    """Whether events arrive: with a wrong secret each is refused, and Stripe tries again."""
    before = int(time.time()) - PATIENCE
    listed = client.v1.events.list(
        {"types": list(HANDLED), "delivery_success": False, "limit": 100}
    )
    late = [event for event in listed.data if event.created < before]
    if not late:
        return Finding("deliveries")
    return Finding(
        "deliveries",
        f"{len(late)} events did not arrive. Developers > Webhooks shows what was answered: 400 "
        "means that STRIPE_WEBHOOK_SECRET is not this endpoint's, 5xx is in your logs, and no "
        "answer means that Stripe cannot reach it. They are sent again for three days.",
    )


def prices(client: stripe.StripeClient, catalog: Catalog, names: Names) -> Finding:
    """Whether Stripe's prices are those of the plans."""
    changes = Sync(client, catalog, names, dry_run=True).run()
    if changes:
        listed = "".join(f"\n      {change}" for change in changes)
        return Finding("prices", f"They are not as the plans say. Run `just billing-sync`:{listed}")
    return Finding("prices")


def portal(client: stripe.StripeClient, names: Names) -> Finding:
    """Whether the customer portal is set up."""
    configuration = find_portal(client, names.project)
    if configuration is None:
        return Finding("portal", "It has no configuration. Run `just billing-sync`.")
    features = configuration.features
    if not features.payment_method_update.enabled:
        return Finding("portal", "People cannot change their card. Run `just billing-sync`.")
    if features.subscription_update.enabled:
        return Finding(
            "portal",
            "People can change their plan there, past what your plans allow. Run "
            "`just billing-sync`.",
        )
    return Finding("portal")


def tax(settings: Settings) -> Finding:
    """A reminder, because Stripe does not say it by a secret key of little power."""
    if settings.stripe_automatic_tax:
        return Finding("tax (STRIPE_AUTOMATIC_TAX is on)")
    if settings.is_live:
        return Finding(
            "tax",
            "STRIPE_AUTOMATIC_TAX is off: no tax is added. Switch on Stripe Tax in the dashboard "
            "and set it to true, or set it aside if you owe none.",
        )
    return Finding("tax (STRIPE_AUTOMATIC_TAX is off)")


def main() -> int:
    """Say what was found; 1 if something is to be done."""
    settings = get_settings()
    try:
        client = stripe_client()
    except NothingSold:
        sys.stdout.write(
            "  todo  key\n      STRIPE_SECRET_KEY is not set: docs/billing.md says where to find "
            "it. While `just dev` runs, the sandbox stands in.\n"
        )
        return 1
    status = 0
    for finding in examine(client, settings, CATALOG, Names(project.slug)):
        sys.stdout.write(f"  {'todo' if finding.advice else 'ok  '}  {finding.what}\n")
        if finding.advice:
            status = 1
            sys.stdout.write(f"      {finding.advice}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
