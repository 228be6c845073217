"""What happens by itself when time passes, in its order."""

from collections.abc import Callable, Iterator

from sandbox.stripe import checkout, invoices, lifecycle
from sandbox.stripe.forms import Json
from sandbox.stripe.world import World

Entry = tuple[int, int, str, Callable[[World, Json], None], Json]


def entries(world: World) -> Iterator[Entry]:
    """Everything that is to happen: when, which of two at one moment goes first, and what."""
    for invoice in world.all("invoice"):
        if invoice["status"] == "draft" and invoice["auto_advance"]:
            at = invoice["automatically_finalizes_at"]
            if at is not None:
                yield at, 0, invoice["id"], finalize_and_collect, invoice
        elif invoice["status"] == "open" and invoice["next_payment_attempt"] is not None:
            yield invoice["next_payment_attempt"], 1, invoice["id"], collect_again, invoice
    for subscription in world.all("subscription"):
        if subscription["ended_at"] is not None:
            continue
        name, status = subscription["id"], subscription["status"]
        period_end, cancel_at = subscription["_period"][1], subscription["cancel_at"]
        if status == "trialing" and not subscription["_warned"]:
            warn_at = max(subscription["created"], period_end - lifecycle.WARNS_BEFORE)
            yield warn_at, 2, name, lifecycle.warn_of_trial_end, subscription
        if status == "trialing" or status in lifecycle.RUNS:
            at = min(period_end, cancel_at) if cancel_at is not None else period_end
            yield at, 3, name, lifecycle.renew, subscription
        elif status == "incomplete":
            at = subscription["created"] + lifecycle.EXPIRES_AFTER
            yield at, 3, name, lifecycle.expire, subscription
    for session in world.all("checkout.session"):
        if session["status"] == "open":
            yield session["expires_at"], 4, session["id"], checkout.expire, session


def finalize_and_collect(world: World, invoice: Json) -> None:
    """A renewal's draft is final an hour later, and collected."""
    invoices.finalize(world, invoice)
    lifecycle.collect(world, invoice)


def collect_again(world: World, invoice: Json) -> None:
    """One more attempt."""
    lifecycle.collect(world, invoice)


def run_until(world: World, moment: int) -> int:
    """Let everything happen that is due by then, in order; answers how much did."""
    happened = 0
    while True:
        due = min(entries(world), key=lambda entry: entry[:3], default=None)
        if due is None or due[0] > moment:
            break
        world.clock.move_to(due[0])
        world.request = {"id": None, "idempotency_key": None}
        due[3](world, due[4])
        happened += 1
    world.clock.move_to(moment)
    return happened
