"""What must be true of every customer once nothing is left to do; and how much of it there was."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.billing.catalog import CATALOG
from core.billing.events import HANDLED
from core.env import get_settings
from tests.billing import truth
from tests.billing.fate import Fate
from tests.billing.team import Team
from tests.billing.world import World

LETTERS = """
    SELECT payload->>'to' AS receiver, key FROM outbox_message
    WHERE task = 'accounts.send_mail' AND payload->>'to' = %(receiver)s
"""
USAGE = """
    SELECT coalesce(sum(quantity), 0) AS used,
           coalesce(sum(quantity) FILTER (WHERE report_id IS NOT NULL), 0) AS collected,
           count(*) FILTER (WHERE is_billed AND report_id IS NULL) AS open
    FROM billing_usage WHERE team_id = %(team)s
"""
REPORTS = """
    SELECT identifier, quantity, reported_at FROM billing_usagereport AS report
    JOIN billing_customer AS customer ON customer.id = customer_id
    WHERE customer.stripe_id = %(customer)s
"""


def check_team(world: World, team: Team) -> Counter[str]:
    """Hold everything that is known of a team against the truth; answers what there was."""
    counts = check_mails(world, team) + check_usage(world, team)
    customers = customers_of(world, team)
    assert customers == ([team.customer] if team.customer else [])
    for customer in customers:
        counts += check_mirror(world, customer)
        check_seats(world, team, customer)
    assert world.entitlements(team.id).plan.code == plan_of(world, customers)
    return counts


def customers_of(world: World, team: Team) -> list[str]:
    """Who this team is at Stripe: nobody, or one customer, however often somebody asked."""
    found = [world.stripe.truth(each)["customer"] for each in world.stripe.customers()]
    return [each["id"] for each in found if each["metadata"].get("team_id") == str(team.id)]


def check_mirror(world: World, customer: str) -> Counter[str]:
    """The mirror equals the truth, row for row and column for column."""
    wanted, found = truth.expected(world, customer), truth.mirrored(world, customer)
    assert found == wanted, truth.differences(wanted, found)
    kinds = {name.removeprefix("billing_"): len(rows) for name, rows in wanted.items()}
    return Counter({"customer": 1, **kinds})


def check_seats(world: World, team: Team, customer: str) -> None:
    """One subscription runs at most; it has as many seats as the team members, if it sells any."""
    running = truth.running(world, customer)
    assert len(running) <= 1, running
    (members,) = world.rows(
        "SELECT count(*) AS number FROM teams_membership WHERE team_id = %(team)s", team=team.id
    )
    for each in running:
        plan = CATALOG.plan(truth.plan_code(truth.plan_item(each)))
        sells = any(price.extra_seat for price in plan.prices)
        assert truth.plan_item(each)["quantity"] == (members["number"] if sells else 1)


def plan_of(world: World, customers: list[str]) -> str:
    """Which plan's features a customer has by what Stripe says; the rules, written once more."""
    for customer in customers:
        for each in truth.running(world, customer):
            if is_entitled(world, customer, each):
                return truth.plan_code(truth.plan_item(each))
    return CATALOG.free.code


def is_entitled(world: World, customer: str, each: Mapping[str, Any]) -> bool:
    """Whether a subscription is paid, or is owed for no longer than the grace."""
    if each["status"] in {"trialing", "active"}:
        return True
    invoices = world.stripe.truth(customer)["invoices"]
    since = truth.past_due_since(each, truth.plan_item(each), invoices)
    grace = timedelta(days=get_settings().billing_grace_days)
    return since is not None and world.now() < since + grace


def check_mails(world: World, team: Team) -> Counter[str]:
    """Each letter reached its receiver, as one mail; a worker that died may have sent it twice."""
    letters = world.rows(LETTERS, receiver=team.owner.email)
    mails = [mail for mail in world.mailbox.messages if team.owner.email in mail.recipients]
    names = {mail.header("Message-ID") for mail in mails}
    assert len(names) == len(letters), (letters, [mail.subject for mail in mails])
    assert len({each["key"] for each in letters}) == len(letters)
    return Counter({"mail": len(letters), "mail sent again": len(mails) - len(names)})


def check_usage(world: World, team: Team) -> Counter[str]:
    """What was used was counted once; what was collected, Stripe was told once."""
    (usage,) = world.rows(USAGE, team=team.id)
    assert usage["used"] == team.used
    assert not usage["open"]
    reports = world.rows(REPORTS, customer=team.customer)
    told = world.stripe.truth(team.customer)["meter_events"] if team.customer else []
    assert all(each["reported_at"] for each in reports)
    assert Counter({each["identifier"]: each["quantity"] for each in reports}) == Counter(
        {each["identifier"]: int(each["payload"]["value"]) for each in told}
    )
    assert sum(each["quantity"] for each in reports) == usage["collected"]
    return Counter({"unit used": usage["used"], "unit reported": usage["collected"]})


def check_events(world: World, fate: Fate) -> Counter[str]:
    """Every event that arrived is known once and was handled, and no work failed for good."""
    assert world.rows("SELECT task, payload, error FROM outbox_deadletter") == []
    known = world.rows("SELECT event_id, processed_at FROM webhooks_event")
    assert all(each["processed_at"] for each in known)
    names = {each["event_id"] for each in known}
    sent = fate.deliveries()
    wanted = {
        each.event["id"]
        for each in sent
        if each.status == "delivered" and each.event["type"] in HANDLED
    }
    assert wanted <= names
    assert not names & fate.lost
    attempts = [attempt for each in sent for attempt in each.attempts]
    return Counter(
        {
            "event": len(names),
            "event lost": len(fate.lost),
            "delivery": len(attempts),
            "delivery refused": sum(attempt != "200" for attempt in attempts),
        }
    )
