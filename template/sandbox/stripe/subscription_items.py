"""Subscription items: which prices a subscription has, and how many of each."""

from dataclasses import dataclass

from sandbox.stripe.amounts import price_amount
from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.prices import as_plan
from sandbox.stripe.world import World, completes


@dataclass
class Wanted:
    """An item as it shall be; `item` is None for one that is new."""

    item: Json | None
    price: Json
    quantity: int | None
    metadata: Json
    is_removed: bool = False

    @property
    def amount(self) -> int:
        """What it costs for one period; nothing if it is metered or goes."""
        if self.is_removed or self.quantity is None:
            return 0
        return price_amount(self.price, self.quantity)


def is_metered(price: Json) -> bool:
    """Whether usage is counted in place of a quantity."""
    return bool(price["recurring"]["usage_type"] == "metered")


def make(world: World, subscription: Json, wanted: Wanted) -> Json:
    """A new item of the subscription."""
    item = world.add(
        {
            "id": world.new_id("si", 14),
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": world.now(),
            "current_period_end": 0,
            "current_period_start": 0,
            "discounts": [],
            "metadata": wanted.metadata,
            "subscription": subscription["id"],
            "tax_rates": [],
            "_price": wanted.price["id"],
            "_quantity": wanted.quantity,
            "_since": world.now(),
        }
    )
    subscription["_items"].append(item["id"])
    return item


@completes("subscription_item")
def complete(world: World, item: Json) -> Json:
    """With its price; a metered one has no quantity. One that was deleted has nothing more."""
    if "deleted" in item:
        return item
    price = world.get("price", item["_price"])
    quantity = {} if item["_quantity"] is None else {"quantity": item["_quantity"]}
    return {**item, "price": world.answer(price), "plan": as_plan(price), **quantity}


def of(world: World, subscription: Json) -> list[Json]:
    """The subscription's items."""
    return [world.get("subscription_item", name) for name in subscription["_items"]]


def current(world: World, item: Json) -> Wanted:
    """The item as it is."""
    price = world.get("price", item["_price"])
    return Wanted(item, price, item["_quantity"], item["metadata"])


def changed(world: World, subscription: Json | None, asked: list[Params]) -> list[Wanted]:
    """All items as they shall be after a request that names some of them."""
    now = (
        {item["id"]: current(world, item) for item in of(world, subscription)}
        if subscription
        else {}
    )
    added = []
    for each in asked:
        name = each.text("id")
        if name is not None and name not in now:
            raise invalid(
                f"No such subscription item: '{name}'", each.name("id"), "resource_missing"
            )
        former = now.get(name or "")
        wanted = one(world, each, former)
        if former is None:
            added.append(wanted)
        else:
            now[name or ""] = wanted
    check_together([each for each in [*now.values(), *added] if not each.is_removed])
    return [*now.values(), *added]


def one(world: World, params: Params, former: Wanted | None) -> Wanted:
    """One item as it shall be."""
    price_name = params.text("price")
    if price_name:
        price = world.get("price", price_name, params.name("price"))
        if not price["active"]:
            raise invalid(
                "The price specified is inactive. This field only accepts active prices.",
                params.name("price"),
            )
        if price["recurring"] is None:
            raise invalid(
                "The price specified is set to `type=one_time` but this field only accepts prices "
                "with `type=recurring`.",
                params.name("price"),
            )
    elif former:
        price = former.price
    else:
        raise invalid("A new item needs a price.", params.name("price"), "parameter_missing")
    quantity = params.integer("quantity", least=0)
    if is_metered(price):
        if quantity is not None:
            raise invalid("A metered price has no quantity.", params.name("quantity"))
    elif quantity is None:
        # As Stripe does: another price without a quantity means one.
        quantity = former.quantity if former and not price_name else 1
    metadata = merge_metadata(former.metadata if former else None, params)
    params.accept("clear_usage", "discounts", "tax_rates")
    removed = params.boolean("deleted")
    return Wanted(former.item if former else None, price, quantity, metadata, removed)


def check_together(items: list[Wanted]) -> None:
    """Refuse items that cannot be in one subscription."""
    if not items:
        raise invalid("A subscription must have at least one item.", "items")
    names = [each.price["id"] for each in items]
    if len(set(names)) < len(names):
        raise invalid("Cannot add multiple subscription items with the same price.", "items")
    if len({each.price["currency"] for each in items}) > 1:
        raise invalid("The prices of a subscription must have one currency.", "items")
    intervals = {
        (each.price["recurring"]["interval"], each.price["recurring"]["interval_count"])
        for each in items
    }
    if len(intervals) > 1:
        raise invalid(
            "Currently, all items of a subscription must have the same interval here.", "items"
        )


def interval_of(items: list[Wanted]) -> tuple[str, int]:
    """How often the items recur."""
    recurring = next(each for each in items if not each.is_removed).price["recurring"]
    return recurring["interval"], recurring["interval_count"]
