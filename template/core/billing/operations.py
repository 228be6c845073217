"""The operations of billing in `/api/v1`; `core/api/operations.py` explains."""

from dataclasses import replace

from core.api.operations import ANYBODY, TEAM, Operation, table
from core.billing.access import MANAGE_BILLING, VIEW_BILLING
from core.product.plans import FEATURES

BILLING = f"{TEAM}/billing"
BILLING_TAGS = {"billing": "Plans, subscriptions, invoices and what is bought once."}

# Who invites takes a seat of the plan.
TAKES_A_SEAT = {"create_invitation", "resend_invitation"}

# fmt: off
BILLING_OPERATIONS = table(
    Operation("list_plans", "GET", "/plans", "billing", "What can be bought", ANYBODY,
              details="The plans with their prices, features and limits, for a page of prices."),
    Operation("get_billing", "GET", BILLING, "billing", "What a team has, uses and may do",
              VIEW_BILLING),
    Operation("list_invoices", "GET", f"{BILLING}/invoices", "billing", "The invoices of a team",
              VIEW_BILLING, details="The newest come first."),
    Operation("list_purchases", "GET", f"{BILLING}/purchases", "billing", "What was paid once",
              VIEW_BILLING, details="The newest come first."),
    Operation("start_checkout", "POST", f"{BILLING}/checkout", "billing", "Subscribe to a plan",
              MANAGE_BILLING, errors=(409, 503),
              details="Answers the address of the page on which a person pays."),
    Operation("get_checkout", "GET", f"{BILLING}/checkout/{{session_id}}", "billing",
              "Whether a checkout is through", VIEW_BILLING,
              details="Ask until it says so: the news come by webhook."),
    Operation("start_purchase", "POST", f"{BILLING}/purchases", "billing", "Buy something once",
              MANAGE_BILLING, errors=(409, 503),
              details="Answers the address of the page on which a person pays."),
    Operation("open_portal", "POST", f"{BILLING}/portal", "billing",
              "Change the card, see all invoices", MANAGE_BILLING, errors=(409, 503),
              details="Answers the address of Stripe's customer portal."),
    Operation("change_plan", "POST", f"{BILLING}/change", "billing", "Change to another plan",
              MANAGE_BILLING, errors=(402, 409, 503),
              details="At once; what was paid for the former plan counts."),
    Operation("cancel_subscription", "POST", f"{BILLING}/cancel", "billing",
              "End the subscription with its period", MANAGE_BILLING, errors=(409, 503)),
    Operation("resume_subscription", "POST", f"{BILLING}/resume", "billing",
              "Take back that it ends", MANAGE_BILLING, errors=(409, 503)),
)
# fmt: on


def as_plans_allow(
    template: dict[str, Operation], product: dict[str, Operation]
) -> dict[str, Operation]:
    """The operations, with the answer 402 wherever a plan may be too small for them.

    It may be for what `FEATURES` names, for what takes a seat, and for whatever of the product
    makes or changes something.
    """
    changing = {each.id for each in product.values() if each.method in ("POST", "PATCH")}
    small = changing | set(FEATURES) | TAKES_A_SEAT
    return {
        name: replace(row, errors=(*row.errors, 402)) if name in small else row
        for name, row in (template | product).items()
    }
