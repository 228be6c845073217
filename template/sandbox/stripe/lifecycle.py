"""What becomes of a subscription as time passes and payments succeed or fail.

incomplete --paid--> active <--paid-- past_due --retries end--> canceled or unpaid
trialing --trial ends--> active, past_due, paused or canceled
"""

from sandbox.stripe import invoices, subscription_items
from sandbox.stripe.amounts import price_amount
from sandbox.stripe.clock import DAY, HOUR, period_after
from sandbox.stripe.forms import Json
from sandbox.stripe.meters import usage
from sandbox.stripe.payments import Outcome, cancel_intent
from sandbox.stripe.subscription_items import Wanted, current, interval_of, is_metered
from sandbox.stripe.world import World

EXPIRES_AFTER = 23 * HOUR  # an incomplete subscription's first payment
WARNS_BEFORE = 3 * DAY  # the end of a trial
RUNS = frozenset({"active", "past_due", "unpaid"})


def now_items(world: World, subscription: Json) -> list[Wanted]:
    """The subscription's items as they are."""
    return [current(world, item) for item in subscription_items.of(world, subscription)]


def set_period(world: World, subscription: Json, start: int, end: int) -> None:
    """The period that is paid for."""
    subscription["_period"] = [start, end]
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end
    for item in subscription_items.of(world, subscription):
        item.update(current_period_start=start, current_period_end=end)


def period_from(world: World, subscription: Json, start: int) -> tuple[int, int]:
    """The period that starts then."""
    interval, count = interval_of(now_items(world, subscription))
    return start, period_after(subscription["billing_cycle_anchor"], interval, count, start)


def licensed_lines(world: World, subscription: Json, period: tuple[int, int]) -> list[Json]:
    """What the coming period costs."""
    return [
        invoices.make_line(
            world,
            price=each.price,
            quantity=each.quantity,
            amount=each.amount,
            currency=subscription["currency"],
            period=period,
            description=f"{each.quantity} x {product_name(world, each.price)}",
            subscription_item=each.item,
        )
        for each in now_items(world, subscription)
        if each.quantity is not None
    ]


def trial_lines(world: World, subscription: Json, period: tuple[int, int]) -> list[Json]:
    """A trial costs nothing, and says so."""
    return [
        invoices.make_line(
            world,
            price=each.price,
            quantity=each.quantity,
            amount=0,
            currency=subscription["currency"],
            period=period,
            description=f"Trial period for {product_name(world, each.price)}",
            subscription_item=each.item,
        )
        for each in now_items(world, subscription)
    ]


def used_of(
    world: World, subscription: Json, item: Wanted, period: tuple[int, int]
) -> tuple[int, tuple[int, int]]:
    """How much was used of a metered item in a period, and since when: from its price on."""
    since = max(period[0], (item.item or {}).get("_since", 0))
    meter = world.get("billing.meter", item.price["recurring"]["meter"])
    return usage(world, meter, subscription["customer"], since, period[1]), (since, period[1])


def metered_lines(world: World, subscription: Json, period: tuple[int, int]) -> list[Json]:
    """What was used in the period that ends; nothing is billed of a trial."""
    lines: list[Json] = []
    if subscription["status"] == "trialing":
        return lines
    for each in now_items(world, subscription):
        if not is_metered(each.price):
            continue
        used, counted = used_of(world, subscription, each, period)
        lines.append(
            invoices.make_line(
                world,
                price=each.price,
                quantity=used,
                amount=price_amount(each.price, used),
                currency=subscription["currency"],
                period=counted,
                description=f"{used} x {product_name(world, each.price)}",
                subscription_item=each.item,
            )
        )
    return lines


def product_name(world: World, price: Json) -> str:
    """How lines name a price."""
    name: str = world.get("product", price["product"])["name"]
    return name


def bill(
    world: World,
    subscription: Json,
    reason: str,
    lines: list[Json],
    period: tuple[int, int],
    *,
    as_draft_until: int | None = None,
    auto_advance: bool = True,
) -> Json:
    """Make the subscription's next invoice of these lines and of what waits."""
    customer = world.get("customer", subscription["customer"])
    waiting = invoices.pending(world, customer["id"], subscription["id"], subscription["currency"])
    invoice = invoices.make_invoice(
        world,
        customer,
        currency=subscription["currency"],
        reason=reason,
        lines=[*(invoices.line_of(world, item) for item in waiting), *lines],
        period=period,
        subscription=subscription,
        discounts=invoices.usable_discounts(world, subscription["discounts"]),
        auto_advance=auto_advance,
    )
    for item in waiting:
        item["invoice"] = invoice["id"]
    subscription["latest_invoice"] = invoice["id"]
    invoices.created(world, invoice, finalizes_at=as_draft_until)
    if as_draft_until is None and auto_advance:
        invoices.finalize(world, invoice)
    return invoice


def settle(world: World, invoice: Json, outcome: Outcome, *, automatic: bool) -> None:
    """Let the subscription follow from how the collection of its invoice ended."""
    subscription = world.find("subscription", invoice["_subscription"])
    if outcome == "paid":
        if subscription:
            paid(world, subscription, invoice)
        return
    is_first = invoice["billing_reason"] == "subscription_create"
    goes_on = True
    if automatic and not is_first:
        invoice["_collections"] += 1
        goes_on = invoice["_collections"] <= len(world.policy.retry_days)
        invoice["next_payment_attempt"] = (
            world.now() + world.policy.retry_days[invoice["_collections"] - 1] * DAY
            if goes_on
            else None
        )
    invoices.tell_failure(world, invoice)
    if not subscription or is_first or subscription["ended_at"]:
        return
    if not goes_on:
        give_up(world, subscription)
    elif subscription["status"] in {"active", "trialing"}:
        with world.changing(subscription):
            subscription["status"] = "past_due"


def paid(world: World, subscription: Json, invoice: Json) -> None:
    """The invoice is paid: a subscription that waited for it runs again."""
    if invoice["id"] != subscription["latest_invoice"] or subscription["ended_at"]:
        return
    if subscription["status"] in {"incomplete", "past_due", "unpaid"}:
        with world.changing(subscription):
            subscription["status"] = "active"


def voided(world: World, invoice: Json) -> None:
    """A first invoice that is void ends its subscription; another is as good as paid."""
    subscription = world.find("subscription", invoice["_subscription"])
    if subscription is None:
        return
    if subscription["status"] == "incomplete":
        expire(world, subscription)
    else:
        paid(world, subscription, invoice)


def give_up(world: World, subscription: Json) -> None:
    """The retries are over: do what the account's settings say."""
    if world.policy.after_retries == "cancel":
        end(world, subscription, reason="payment_failed")
        return
    with world.changing(subscription):
        subscription["status"] = world.policy.after_retries


def end(world: World, subscription: Json, *, reason: str = "cancellation_requested") -> None:
    """It is over, now."""
    if subscription["status"] == "incomplete":
        expire(world, subscription)
        return
    now = world.now()
    subscription.update(
        status="canceled",
        canceled_at=subscription["canceled_at"] or now,
        ended_at=now,
    )
    subscription["cancellation_details"]["reason"] = reason
    stop_collecting(world, subscription)
    world.emit("customer.subscription.deleted", subscription)


def stop_collecting(world: World, subscription: Json) -> None:
    """Nothing is collected by itself any more; what is owed stays owed."""
    for invoice in world.all("invoice"):
        if invoice["_subscription"] == subscription["id"] and invoice["status"] in {
            "draft",
            "open",
        }:
            with world.changing(invoice):
                invoice.update(auto_advance=False, next_payment_attempt=None)


def expire(world: World, subscription: Json) -> None:
    """The first payment never came."""
    invoice = world.find("invoice", subscription["latest_invoice"])
    with world.changing(subscription):
        subscription.update(status="incomplete_expired", ended_at=world.now())
    if invoice and invoice["status"] == "open":
        invoices.void(world, invoice)
        if intent := world.find("payment_intent", invoice["_intent"]):
            cancel_intent(world, intent, "void_invoice")


def renew(world: World, subscription: Json) -> None:
    """A period, or the trial, ends: the next begins, or the subscription ends."""
    start, end_of_period = subscription["_period"]
    cancel_at = subscription["cancel_at"]
    if subscription["cancel_at_period_end"] or (cancel_at and cancel_at <= world.now()):
        final = metered_lines(world, subscription, (start, end_of_period))
        if any(line["amount"] for line in final):
            invoice = bill(world, subscription, "subscription_cycle", final, (start, end_of_period))
            collect(world, invoice)
        end(world, subscription)
        return
    was_trial = subscription["status"] == "trialing"
    if was_trial and not end_trial(world, subscription):
        return
    used = metered_lines(world, subscription, (start, end_of_period))
    period = period_from(world, subscription, end_of_period)
    before = world.answer(subscription)
    set_period(world, subscription, *period)
    if was_trial:
        subscription["status"] = "active"
    unpaid = subscription["status"] == "unpaid"
    bill(
        world,
        subscription,
        "subscription_cycle",
        [*used, *licensed_lines(world, subscription, period)],
        (start, end_of_period),
        as_draft_until=world.now() + world.policy.finalize_after,
        auto_advance=not unpaid,
    )
    after = world.answer(subscription)
    previous = {key: before[key] for key in after if before.get(key) != after[key]}
    world.emit("customer.subscription.updated", subscription, previous)


def end_trial(world: World, subscription: Json) -> bool:
    """Whether the subscription goes on after its trial."""
    customer = world.get("customer", subscription["customer"])
    has_method = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
    )
    behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if has_method or behaviour == "create_invoice":
        return True
    if behaviour == "cancel":
        end(world, subscription)
    else:
        with world.changing(subscription, "customer.subscription.paused"):
            subscription["status"] = "paused"
    return False


def start_period_now(world: World, subscription: Json, reason: str) -> Json:
    """Begin a new period at this moment and bill it at once."""
    former = tuple(subscription["_period"])
    subscription["billing_cycle_anchor"] = world.now()
    period = period_from(world, subscription, world.now())
    set_period(world, subscription, *period)
    return bill(
        world,
        subscription,
        reason,
        licensed_lines(world, subscription, period),
        (former[0], world.now()),
    )


def collect(world: World, invoice: Json) -> Outcome:
    """Collect an open invoice, if it is one, and let the subscription follow."""
    if invoice["status"] != "open":
        outcome: Outcome = "paid" if invoice["status"] == "paid" else "refused"
        if outcome == "paid":
            settle(world, invoice, "paid", automatic=True)
        return outcome
    outcome = invoices.collect(world, invoice)
    settle(world, invoice, outcome, automatic=True)
    return outcome


def warn_of_trial_end(world: World, subscription: Json) -> None:
    """Tell that the trial ends soon, once."""
    subscription["_warned"] = True
    world.emit("customer.subscription.trial_will_end", subscription)
