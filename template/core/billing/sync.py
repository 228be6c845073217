"""Makes Stripe's products, prices, meters and portal match the plans: `just billing-sync`.

Nothing is deleted, and a price never changes: another amount is another price, which takes over the
name (`lookup_key`) of the former. That one is archived, and whoever pays it goes on paying it. A
second run changes nothing. `--dry-run` only says what it would do; `--only-sandbox` does nothing
where Stripe itself would be changed, and says nothing.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import stripe

from core.billing.catalog import CATALOG
from core.billing.plans import Catalog, Names
from core.billing.specs import (
    Spec,
    differs,
    portal_spec,
    price_specs,
    product_specs,
    same_price,
)
from core.billing.stripe_client import NothingSold, stripe_client
from core.env import get_settings
from core.project import project

Action = Literal["create", "update", "archive"]
NOT_YET = "made-by-this-run"
LISTED = 100  # on a page; the most that Stripe gives


@dataclass(frozen=True)
class Change:
    """Something at Stripe that is not as the plans say."""

    action: Action
    what: str

    def __str__(self) -> str:
        return f"{self.action:8}{self.what}"


class Sync:
    """One run."""

    def __init__(
        self, client: stripe.StripeClient, catalog: Catalog, names: Names, *, dry_run: bool = False
    ) -> None:
        self.client = client
        self.catalog = catalog
        self.names = names
        self.dry_run = dry_run
        self.changes: list[Change] = []

    def run(self) -> list[Change]:
        """Bring everything up to date; answers what was changed, or would be."""
        self.changes = []
        meters = self.sync_meters()
        products = {spec["id"]: spec for spec in product_specs(self.catalog, self.names)}
        self.sync_products(products)
        prices = list(price_specs(self.catalog, self.names, meters))
        self.sync_prices(prices)
        self.sync_portal()
        return self.changes

    def change(
        self, action: Action, what: str, call: Callable[..., Any], *arguments: object
    ) -> Any:
        """Note a change, and make it by this call unless this is a dry run."""
        self.changes.append(Change(action, what))
        return None if self.dry_run else call(*arguments)

    def sync_meters(self) -> dict[str, str]:
        """A meter for all that is billed by use; answers their names by the code."""
        service = self.client.v1.billing.meters
        listed = service.list({"limit": LISTED, "status": "active"})
        found = {meter.event_name: meter.id for meter in listed.auto_paging_iter()}
        for metered in self.catalog.metered:
            event_name = self.names.meter(metered.code)
            if event_name in found:
                continue
            spec = {
                "display_name": metered.name,
                "event_name": event_name,
                "default_aggregation": {"formula": "sum"},
            }
            made = self.change("create", f"meter {event_name}", service.create, spec)
            found[event_name] = made.id if made else NOT_YET
        return {each.code: found[self.names.meter(each.code)] for each in self.catalog.metered}

    def sync_products(self, wanted: Mapping[str, Spec]) -> None:
        """Create and update products; archive those of this project that are gone."""
        service = self.client.v1.products
        found = {product.id: product for product in self.own_products()}
        for name, spec in wanted.items():
            product = found.get(name)
            if product is None:
                self.change("create", f"product {name}", service.create, spec)
            elif differs(product, spec):
                changes = {key: value for key, value in spec.items() if key != "id"}
                changes = {"description": "", "active": True, **changes}
                self.change("update", f"product {name}", service.update, name, changes)
        for name, product in found.items():
            if name not in wanted and product.active:
                no_more = {"active": False}
                self.change("archive", f"product {name}", service.update, name, no_more)

    def own_products(self) -> Iterator[stripe.Product]:
        """The project's products, active or not."""
        for product in self.client.v1.products.list({"limit": LISTED}).auto_paging_iter():
            if product.metadata.to_dict().get("project") == self.names.project:
                yield product

    def sync_prices(self, wanted: list[Spec]) -> None:
        """Create prices and archive those that nobody can choose any more."""
        service = self.client.v1.prices
        found = list(self.own_prices())
        kept: set[str] = set()
        for spec in wanted:
            key = spec["lookup_key"]
            price = next((each for each in found if each.lookup_key == key), None)
            if price is not None and same_price(price, spec):
                kept.add(price.id)
                continue
            self.change(
                "create", f"price {key}", service.create, {**spec, "transfer_lookup_key": True}
            )
        for price in found:
            if price.id not in kept:
                what = f"price {price.lookup_key or price.id}"
                self.change("archive", what, service.update, price.id, {"active": False})

    def own_prices(self) -> Iterator[stripe.Price]:
        """The active prices of the project's products."""
        for product in self.own_products():
            listed = self.client.v1.prices.list(
                {"product": product.id, "active": True, "limit": LISTED, "expand": ["data.tiers"]}
            )
            yield from listed.auto_paging_iter()

    def sync_portal(self) -> None:
        """What people may do in Stripe's customer portal."""
        spec = portal_spec()
        digest = hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:32]
        spec["metadata"] = {"project": self.names.project, "digest": digest}
        service = self.client.v1.billing_portal.configurations
        found = find_portal(self.client, self.names.project)
        if found is None:
            self.change("create", "portal configuration", service.create, spec)
        elif metadata_of(found).get("digest") != digest:
            self.change("update", "portal configuration", service.update, found.id, spec)


def find_portal(
    client: stripe.StripeClient, project_slug: str
) -> stripe.billing_portal.Configuration | None:
    """The project's configuration of the portal, which a portal session names."""
    listed = client.v1.billing_portal.configurations.list({"limit": LISTED, "active": True})
    for configuration in listed.auto_paging_iter():
        if metadata_of(configuration).get("project") == project_slug:
            return configuration
    return None


def metadata_of(configuration: stripe.billing_portal.Configuration) -> dict[str, str]:
    """The metadata; none where there are none."""
    return configuration.metadata.to_dict() if configuration.metadata else {}


def main(arguments: list[str]) -> int:
    """Run, and say what was done."""
    if unknown := set(arguments) - {"--dry-run", "--only-sandbox"}:
        sys.stderr.write(f"{', '.join(sorted(unknown))}: no such option\n\n{__doc__}")
        return 2
    if "--only-sandbox" in arguments and not get_settings().stripe_api_base:
        return 0
    dry_run = "--dry-run" in arguments
    try:
        sync = Sync(stripe_client(), CATALOG, Names(project.slug), dry_run=dry_run)
        changes = sync.run()
    except (NothingSold, stripe.StripeError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if "--only-sandbox" in arguments:
        return 0
    for change in changes:
        sys.stdout.write(f"{'would ' if dry_run else ''}{change}\n")
    if not changes:
        sys.stdout.write("Stripe matches the plans.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
