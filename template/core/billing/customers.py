"""The customer of a team at Stripe: one for each team, made when it first wants to pay."""

from datetime import UTC, datetime

import stripe

from core.billing.database import CustomerRow, lock_customer
from core.billing.mirror import ended_at
from core.billing.shop import Shop, TeamFacts, conflict
from core.problems import not_found

# As whoever joins or leaves does; rows that refer to the team can be written meanwhile.
LOCK_TEAM = "SELECT created_at FROM teams_team WHERE id = %(team_id)s FOR NO KEY UPDATE"
NAME = "SELECT stripe_id FROM billing_customer WHERE team_id = %(team_id)s"
INSERT = """
    INSERT INTO billing_customer (team_id, stripe_id, email, created_at)
    VALUES (%(team_id)s, %(stripe_id)s, %(email)s, %(created_at)s)
    RETURNING id, team_id, stripe_id, email
"""


def customer_of(shop: Shop, team: TeamFacts) -> CustomerRow:
    """The team's customer, locked; raises 409 for a team that never wanted to pay."""
    customer = lock_customer(shop.execute, team_id=team.id)
    if customer is None:
        raise nothing_bought()
    return customer


def name_of_customer(shop: Shop, team: TeamFacts) -> str:
    """The name of the team's customer, for who only looks and need not wait; raises 409."""
    rows = shop.execute(NAME, {"team_id": team.id})
    if not rows:
        raise nothing_bought()
    return str(rows[0][0])


def nothing_bought() -> Exception:
    """409: the team never wanted to pay."""
    return conflict(
        "no-subscription",
        "There is no subscription",
        "The team has never bought anything. Choose a plan first.",
    )


def customer_for(shop: Shop, team: TeamFacts) -> CustomerRow:
    """The team's customer, locked; made if there is none yet."""
    if customer := lock_customer(shop.execute, team_id=team.id):
        return customer
    # The team's row comes before the customer's, whoever needs both.
    rows = shop.execute(LOCK_TEAM, {"team_id": team.id})
    if not rows:
        raise not_found("team")
    if customer := lock_customer(shop.execute, team_id=team.id):
        return customer
    made = make_customer(shop, team, rows[0][0])
    parameters = {
        "team_id": team.id,
        "stripe_id": made.id,
        "email": team.email,
        "created_at": datetime.fromtimestamp(made.created, UTC),
    }
    return CustomerRow(*shop.execute(INSERT, parameters)[0])


def make_customer(shop: Shop, team: TeamFacts, team_since: datetime) -> stripe.Customer:
    """The customer at Stripe, the same one if our transaction failed after the first time.

    A key goes with the same parameters for ever, so what may differ next time follows in a second
    call. Another database may have a team of this id too, but not one of this moment.
    """
    project = shop.names.project
    marks = {"metadata": {"project": project, "team_id": str(team.id)}}
    key = f"customer-{project}-{team.id}-{team_since.timestamp():.6f}"
    facts = {"name": team.name, "email": team.email}
    service = shop.client.v1.customers
    made = service.create(marks, {"idempotency_key": key})  # type: ignore[arg-type]
    while (known := updated(service, made.id, facts)) is None:
        # Somebody has deleted at Stripe the one that the key stands for.
        next_key = f"{key}-{made.id}"
        made = service.create(marks, {"idempotency_key": next_key})  # type: ignore[arg-type]
    return known


def updated(
    service: stripe.CustomerService, name: str, facts: dict[str, str]
) -> stripe.Customer | None:
    """The customer with these facts; None if it is not there any more."""
    try:
        return service.update(name, facts)  # type: ignore[arg-type]
    except stripe.InvalidRequestError as error:
        if error.code != "resource_missing":
            raise
    return None


def subscriptions_of(
    client: stripe.StripeClient, customer: CustomerRow
) -> list[stripe.Subscription]:
    """All its subscriptions as Stripe has them now, also those that ended; the newest first."""
    listed = client.v1.subscriptions.list(
        {"customer": customer.stripe_id, "status": "all", "limit": 100}
    )
    return list(listed.auto_paging_iter())


def running(subscriptions: list[stripe.Subscription]) -> stripe.Subscription | None:
    """The one that has not ended, in whatever state it is; None if there is none."""
    return next((each for each in subscriptions if ended_at(each) is None), None)


def running_subscription(client: stripe.StripeClient, customer: CustomerRow) -> stripe.Subscription:
    """The one that has not ended; raises 409 if there is none."""
    found = running(subscriptions_of(client, customer))
    if found is None:
        raise conflict(
            "no-subscription", "There is no subscription", "The team has none. Choose a plan first."
        )
    return found


def pay_at(client: stripe.StripeClient, subscription: str) -> str | None:
    """Where the newest invoice that is open can be paid; None if there is none."""
    invoices = client.v1.invoices.list(
        {"subscription": subscription, "status": "open", "limit": 1}
    ).data
    return invoices[0].hosted_invoice_url if invoices else None


def payment_due(client: stripe.StripeClient, subscription: stripe.Subscription) -> Exception:
    """409: what is owed comes first, and where it can be paid."""
    address = pay_at(client, subscription.id)
    return conflict(
        "payment-due",
        "A payment is due",
        "The last payment failed. Pay it first, or use another card in the customer portal.",
        **({"pay_at": address} if address else {}),
    )
