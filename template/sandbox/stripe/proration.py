"""What a change in the middle of a period costs (Stripe's documentation: "Prorations").

The rules: to the second; of the whole amount of an item, not of a unit; each line rounded half away
from zero. So what a change gives back and takes for the same item and moment cancels out exactly,
and going somewhere and back at one moment costs nothing.
"""

from sandbox.stripe import invoices
from sandbox.stripe.amounts import prorated
from sandbox.stripe.forms import Json
from sandbox.stripe.subscription_items import Wanted, current
from sandbox.stripe.world import World


def lines_for(
    world: World, items: list[Wanted], period: tuple[int, int], when: int
) -> list[tuple[Wanted, int, str]]:
    """For each item that changes: what is given back, and what the rest of the period costs."""
    start, end = period
    lines = []
    for wanted in items:
        former = current(world, wanted.item) if wanted.item else None
        if former and (former.price["id"], former.quantity) == (
            wanted.price["id"],
            None if wanted.is_removed else wanted.quantity,
        ):
            continue
        if former and former.quantity is not None:
            unused = prorated(former.amount, end - when, end - start)
            lines.append((former, -unused, f"Unused time on {title(world, former)}"))
        if not wanted.is_removed and wanted.quantity is not None:
            remaining = prorated(wanted.amount, end - when, end - start)
            lines.append((wanted, remaining, f"Remaining time on {title(world, wanted)}"))
    return lines


def title(world: World, item: Wanted) -> str:
    """How a line names the item."""
    product = world.get("product", item.price["product"])
    return f"{item.quantity} x {product['name']}"


def keep(
    world: World,
    subscription: Json,
    lines: list[tuple[Wanted, int, str]],
    period: tuple[int, int],
) -> None:
    """Let the amounts wait for the next invoice."""
    for wanted, amount, description in lines:
        invoices.make_item(
            world,
            customer=subscription["customer"],
            currency=subscription["currency"],
            amount=amount,
            description=description,
            price=wanted.price,
            quantity=wanted.quantity or 0,
            period=period,
            subscription_item=wanted.item,
            proration=True,
        )
