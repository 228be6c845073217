"""Which mails follow from what changed in our tables: each once, to every owner of the team.

They follow from the rows alone, from what was known before and what is known now. So it does not
matter how often, how late and in which order the news came.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.billing.catalog import CATALOG
from core.billing.database import CustomerRow, Row
from core.billing.links import billing_address
from core.billing.money import Money
from core.outbox.write import Execute, enqueue
from core.tasks import SendMail

# As Stripe does with its news.
BEFORE_TRIAL_END = timedelta(days=3)
# What ended longer ago is no news, as when customers are brought in from elsewhere.
NEWS = timedelta(days=7)
FAILING = frozenset({"past_due", "unpaid"})

OWNERS = """
    SELECT person.id, person.email, team.name
    FROM teams_membership AS membership
    JOIN accounts_user AS person ON person.id = membership.user_id
    JOIN teams_team AS team ON team.id = membership.team_id
    WHERE membership.team_id = %(team_id)s AND membership.role = 'owner' AND person.is_active
    ORDER BY person.id
"""


@dataclass(frozen=True)
class Letter:
    """A mail to write. It is sent once for its `about`, whatever is known later."""

    template: str
    about: str
    context: Mapping[str, Any]


def about_subscription(
    before: Row | None, after: Row, now: datetime, *, reason: str | None
) -> Iterator[Letter]:
    """What to write when this is known of a subscription.

    `now` is not before the newest news; `reason` is why it was canceled, in Stripe's words.
    """
    name, plan = after["stripe_id"], {"plan": plan_name(after["plan"])}
    if after["ended_at"] is not None:
        is_new = before is None or before["ended_at"] is None
        if is_new and after["status"] == "canceled" and now - after["ended_at"] < NEWS:
            context = {**plan, "unpaid": reason == "payment_failed"}
            yield Letter("subscription_ended", name, context)
        return
    if before is not None and before["status"] in FAILING and after["status"] == "active":
        since = before["past_due_since"] or before["current_period_start"]
        yield Letter("payment_recovered", f"{name}:{seconds(since)}", plan)
    if after["cancel_at"] is not None:
        if before is None or before["cancel_at"] is None:
            when = after["canceled_at"] or after["cancel_at"]
            context = {**plan, "date": day(after["cancel_at"])}
            yield Letter("subscription_canceled", f"{name}:{seconds(when)}", context)
        return
    trial_end = after["trial_end"]
    if after["status"] == "trialing" and now < trial_end <= now + BEFORE_TRIAL_END:
        context = {**plan, "date": day(trial_end)}
        yield Letter("trial_ending", f"{name}:{seconds(trial_end)}", context)


def is_failure(before: Row | None, after: Row) -> bool:
    """Whether an attempt to collect an invoice failed that nobody was told of."""
    told: int = before["attempt_count"] if before else 0
    attempts: int = after["attempt_count"]
    return after["status"] == "open" and after["subscription"] != "" and attempts > told


def about_failure(after: Row, *, needs_action: bool) -> Letter:
    """What to write when a payment failed, or waits until the bank was told that it is wanted."""
    amount = Money(after["amount_due"] - after["amount_paid"], after["currency"])
    again = after["next_attempt_at"]
    return Letter(
        "payment_action_required" if needs_action else "payment_failed",
        f"{after['stripe_id']}:{after['attempt_count']}",
        {
            "amount": str(amount),
            "invoice": after["number"],
            "pay_url": after["hosted_url"],
            "again": day(again) if again else "",
        },
    )


def post(execute: Execute, customer: CustomerRow, letter: Letter) -> None:
    """Have the letter sent to every owner of the team; to nobody if it is gone."""
    if customer.team_id is None:
        return
    for person, email, team in execute(OWNERS, {"team_id": customer.team_id}):
        context = {**letter.context, "team": team, "url": billing_address(customer.team_id)}
        enqueue(
            execute,
            SendMail(template=letter.template, to=email, context=context),
            key=f"{letter.template}:{letter.about}:{person}",
            team_id=customer.team_id,
        )


def plan_name(code: str) -> str:
    """The plan's name; its code, if it is sold no longer."""
    try:
        return CATALOG.plan(code).name
    except LookupError:
        return code


def day(moment: datetime) -> str:
    """For people: "3 January 2027", in UTC."""
    return f"{moment.day} {moment:%B %Y}"


def seconds(moment: datetime) -> int:
    """The moment, in a key."""
    return int(moment.timestamp())
