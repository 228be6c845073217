"""What templates ask about plans and money.

{% load billing %}
{% may_use "export" as may_export %}
{% if may_export %}...{% endif %}
"""

from typing import Any

from django import template
from django.template.context import Context

from core.billing.access import MANAGE_BILLING
from core.billing.catalog import CATALOG
from core.billing.money import Money
from core.billing.plans import Plan
from core.problems import Problem
from core.teams.roles import Role
from web.billing.context import PageBilling
from web.billing.models import Invoice, Purchase
from web.teams.models import Membership

register = template.Library()
# Stripe's words for invoices (its documentation: "Invoice status").
STATES = {
    "draft": "Not final yet",
    "open": "Not paid",
    "paid": "Paid",
    "void": "Taken back",
    "uncollectible": "Given up",
}


@register.simple_tag(takes_context=True)
def may_use(context: Context, feature: str) -> bool:
    """Whether the plan of this page's team has a feature."""
    billing: PageBilling = context["billing"]
    return billing.entitlements is not None and billing.entitlements.may_use(feature)


@register.filter
def money(amount: int, currency: str) -> str:
    """An amount of the smallest unit, as people write it."""
    return str(Money(amount, currency))


@register.filter
def invoice_state(invoice: Invoice) -> str:
    """How an invoice stands, in a few words."""
    if invoice.total < 0:
        return "Counts against the next invoices"
    return STATES.get(invoice.status, invoice.status.capitalize())


@register.filter
def purchase_name(purchase: Purchase) -> str:
    """What was bought, as it is called now."""
    try:
        return CATALOG.one_time_purchase(purchase.code).name
    except LookupError:
        return purchase.code


@register.simple_tag(takes_context=True)
def way_up(context: Context, problem: Problem) -> dict[str, Any]:
    """What to do about a 402: the plans that have what is missing, and who can choose one."""
    billing: PageBilling = context["billing"]
    member = billing.membership
    return {
        "plans": plans_of(problem),
        "team": member and member.team,
        "may_manage": member is not None and Role(member.role) in MANAGE_BILLING.allowed,
        "managers": managers_of(member) if member else [],
    }


def plans_of(problem: Problem) -> list[Plan]:
    """The plans that a problem names."""
    codes = problem.extra.get("plans", ())
    return [plan for plan in CATALOG.plans if plan.code in codes]


def managers_of(member: Membership) -> list[str]:
    """Whom to ask: people of the same team see each other's names there, too."""
    roles = [role for role in MANAGE_BILLING.allowed if isinstance(role, Role)]
    asked = member.team.memberships.filter(role__in=roles).select_related("user").order_by("pk")
    return [str(each.user) for each in asked[:5]]
