"""What a team sees of its billing, from our own tables: Stripe is not asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.api.pages import page_of
from core.api.schemas import Page
from core.billing.catalog import CATALOG
from core.billing.entitlements import Entitlements
from core.billing.plans import Catalog, Metered, Plan
from core.billing.schemas import (
    Billing,
    Invoice,
    MeteredOffer,
    MeteredPrice,
    OfferedPlan,
    Offers,
    OncePrice,
    OneTimeOffer,
    PlanPrice,
    Purchase,
    RunningSubscription,
    Usage,
)
from core.billing.state import CURRENT_SUBSCRIPTION, entitlements_from
from core.billing.usage import summary
from core.outbox.write import Execute

FACTS = """
    SELECT (SELECT count(*) FROM teams_membership WHERE team_id = team.id),
           team.seat_limit,
           coalesce(
               (SELECT subscription.currency FROM billing_subscription AS subscription
                WHERE subscription.customer_id = customer.id
                ORDER BY subscription.created_at DESC LIMIT 1),
               (SELECT invoice.currency FROM billing_invoice AS invoice
                WHERE invoice.customer_id = customer.id
                ORDER BY invoice.created_at DESC LIMIT 1)
           ),
           NOT EXISTS (
               SELECT 1 FROM billing_subscription AS subscription
               WHERE subscription.customer_id = customer.id
                 AND subscription.status <> 'incomplete_expired'
           )
    FROM teams_team AS team
    LEFT JOIN billing_customer AS customer ON customer.team_id = team.id
    WHERE team.id = %(team_id)s
"""
# The one that runs. One that is over is only in the list of invoices.
RUNNING_SUBSCRIPTION = """
    SELECT subscription.plan, subscription.interval, subscription.currency, subscription.quantity,
           subscription.status, subscription.current_period_start, subscription.current_period_end,
           subscription.trial_end, subscription.cancel_at, subscription.past_due_since,
           (SELECT invoice.hosted_url FROM billing_invoice AS invoice
            WHERE invoice.subscription = subscription.stripe_id AND invoice.status = 'open'
              AND invoice.hosted_url <> ''
            ORDER BY invoice.created_at LIMIT 1)
    FROM billing_subscription AS subscription
    JOIN billing_customer AS customer ON customer.id = subscription.customer_id
    WHERE customer.team_id = %(team_id)s AND subscription.ended_at IS NULL
    ORDER BY subscription.created_at DESC, subscription.id DESC
    LIMIT 1
"""
SUBSCRIPTION_COLUMNS = (
    "plan",
    "interval",
    "currency",
    "quantity",
    "status",
    "current_period_start",
    "current_period_end",
    "trial_end",
    "cancel_at",
    "past_due_since",
    "pay_at",
)
INVOICE_COLUMNS = (
    "id",
    "number",
    "status",
    "currency",
    "total",
    "amount_due",
    "amount_paid",
    "created_at",
    "paid_at",
    "next_attempt_at",
    "hosted_url",
    "pdf_url",
)
PURCHASE_COLUMNS = ("id", "code", "currency", "amount", "amount_refunded", "created_at")


def newest(table: str, columns: Sequence[str]) -> str:
    """The rows of a team, the newest first, from one on: `team_id`, `after`, `most`."""
    return f"""
        SELECT {", ".join(f"row.{column}" for column in columns)}
        FROM {table} AS row
        JOIN billing_customer AS customer ON customer.id = row.customer_id
        WHERE customer.team_id = %(team_id)s
          AND (%(after)s::bigint IS NULL
               OR (row.created_at, row.id) < (SELECT former.created_at, former.id
                                              FROM {table} AS former
                                              WHERE former.id = %(after)s))
        ORDER BY row.created_at DESC, row.id DESC
        LIMIT %(most)s
    """  # noqa: S608  the names are ours


INVOICES = newest("billing_invoice", INVOICE_COLUMNS)
PURCHASES = newest("billing_purchase", PURCHASE_COLUMNS)


def read_billing(
    execute: Execute, team_id: int, now: datetime | None = None, catalog: Catalog = CATALOG
) -> Billing:
    """What a team has, uses and may do. The team is there: whoever asks belongs to it."""
    now = now or datetime.now(UTC)
    entitled = entitlements_from(execute(CURRENT_SUBSCRIPTION, {"team_id": team_id}), now, catalog)
    ((members, set_limit, currency, may_try),) = execute(FACTS, {"team_id": team_id})
    rows = execute(RUNNING_SUBSCRIPTION, {"team_id": team_id})
    subscription = dict(zip(SUBSCRIPTION_COLUMNS, rows[0], strict=True)) if rows else None
    since = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if subscription is not None:
        since = subscription["current_period_start"]
    used = summary(execute, team_id, since)
    return Billing(
        plan=entitled.plan.code,
        plan_name=entitled.plan.name,
        standing=entitled.standing,
        until=entitled.until,
        currency=currency,
        members=members,
        seat_limit=set_limit or entitled.seat_limit,
        features=sorted(entitled.plan.features),
        limits=dict(entitled.plan.limits),
        usage=usage_of(catalog, entitled, used),
        subscription=subscription_of(catalog, subscription) if subscription else None,
        may_try=may_try,
    )


def usage_of(catalog: Catalog, entitled: Entitlements, used: Mapping[str, int]) -> list[Usage]:
    """What the plan bills by use, and how much of it was used."""
    return [
        Usage(code=each.code, name=each.name, used=used.get(each.code, 0), included=each.included)
        for each in catalog.metered_of(entitled.plan)
    ]


def subscription_of(catalog: Catalog, row: Mapping[str, Any]) -> RunningSubscription:
    """A subscription, also to a plan that is not sold any more."""
    try:
        name = catalog.plan(row["plan"]).name
    except LookupError:
        name = row["plan"]
    return RunningSubscription.model_validate({**row, "plan_name": name})


def read_invoices(execute: Execute, team_id: int, limit: int, after: int | None) -> Page[Invoice]:
    """The invoices of a team, the newest first; `after` is the id of the last one that was seen."""
    rows = execute(INVOICES, {"team_id": team_id, "after": after, "most": limit + 1})
    return page_of(
        rows,
        limit,
        lambda row: Invoice.model_validate(dict(zip(INVOICE_COLUMNS, row, strict=True))),
        lambda row: int(row[0]),
    )


def read_purchases(
    execute: Execute,
    team_id: int,
    limit: int,
    after: int | None,
    catalog: Catalog = CATALOG,
) -> Page[Purchase]:
    """What a team paid once, the newest first."""
    rows = execute(PURCHASES, {"team_id": team_id, "after": after, "most": limit + 1})
    names = {each.code: each.name for each in catalog.one_time}

    def purchase_of(row: Sequence[Any]) -> Purchase:
        values = dict(zip(PURCHASE_COLUMNS, row, strict=True))
        name = names.get(values["code"], values["code"])
        return Purchase.model_validate({**values, "name": name})

    return page_of(rows, limit, purchase_of, lambda row: int(row[0]))


def plans_of(catalog: Catalog = CATALOG) -> Offers:
    """All that can be bought."""
    return Offers(
        currencies=list(catalog.currencies),
        plans=[plan_of(catalog, plan) for plan in catalog.plans],
        one_time=[
            OneTimeOffer(
                code=once.code,
                name=once.name,
                description=once.description,
                prices=[
                    OncePrice(currency=currency, amount=amount)
                    for currency, amount in once.amounts.items()
                ],
            )
            for once in catalog.one_time
        ],
    )


def plan_of(catalog: Catalog, plan: Plan) -> OfferedPlan:
    """A plan."""
    return OfferedPlan(
        code=plan.code,
        name=plan.name,
        description=plan.description,
        prices=[PlanPrice.model_validate(price) for price in plan.prices],
        trial_days=plan.trial_days,
        included_seats=plan.included_seats,
        seat_limit=plan.seat_limit,
        features=sorted(plan.features),
        limits=dict(plan.limits),
        metered=[metered_of(each) for each in catalog.metered_of(plan)],
    )


def metered_of(metered: Metered) -> MeteredOffer:
    """What is billed by use."""
    return MeteredOffer(
        code=metered.code,
        name=metered.name,
        included=metered.included,
        prices=[
            MeteredPrice(currency=currency, unit_amount=amount)
            for currency, amount in metered.unit_amounts.items()
        ],
    )
