"""Billing in the admin: what we know of customers, to read, and a new look at what Stripe knows."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline

from core.billing.money import Money
from core.billing.tasks import ReconcileCustomer
from web.billing.models import Customer, Invoice, Purchase, Subscription, Usage, UsageReport
from web.outbox.admin import ReadOnlyAdmin
from web.queue import enqueue

WHOSE = ("=customer__stripe_id", "customer__email", "customer__team__name")


class SubscriptionsInline(TabularInline):
    """What a customer has subscribed to; each row leads to its own page."""

    model = Subscription
    extra = 0
    fields = ("stripe_id", "plan", "interval", "quantity", "status", "current_period_end")
    readonly_fields = fields
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People subscribe by themselves."""
        return False


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Teams as Stripe knows them."""

    list_display = ("stripe_id", "team", "email", "created_at", "reconciled_at")
    list_filter = (("team", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("team",)
    search_fields = ("=stripe_id", "email", "team__name")
    search_help_text = "The name of a customer at Stripe, an address, or a team."
    inlines = (SubscriptionsInline,)
    actions = ("reconcile",)

    @admin.action(description="Ask Stripe again", permissions=["act"])
    def reconcile(self, request: HttpRequest, queryset: QuerySet[Customer]) -> None:
        """Bring all that is known of the chosen customers up to date."""
        customers = queryset.order_by("pk").values_list("pk", "team_id")
        for customer_id, team_id in customers:
            enqueue(ReconcileCustomer(customer_id=customer_id), team_id=team_id)
        messages.success(request, f"Stripe will be asked about {len(customers)}.")


class OfCustomerAdmin(ReadOnlyAdmin):
    """Rows of customers."""

    list_select_related = ("customer", "customer__team")
    search_fields: tuple[str, ...] = ("=stripe_id", *WHOSE)
    show_full_result_count = False

    @admin.display(description="Team")
    def team(self, row: Any) -> str:
        """Whose it is."""
        return str(row.customer.team or "gone")

    @admin.display(description="Amount")
    def money(self, row: Any) -> str:
        """What was asked for, for people."""
        amount = row.total if isinstance(row, Invoice) else row.amount
        return str(Money(amount, row.currency))


@admin.register(Subscription)
class SubscriptionAdmin(OfCustomerAdmin):
    """What teams have subscribed to."""

    list_display = (
        "stripe_id",
        "team",
        "plan",
        "interval",
        "quantity",
        "status",
        "current_period_end",
        "cancel_at",
        "past_due_since",
    )
    list_filter = ("status", "plan", "interval", ("cancel_at", admin.EmptyFieldListFilter))


@admin.register(Invoice)
class InvoiceAdmin(OfCustomerAdmin):
    """What teams were asked to pay."""

    list_display = ("number", "team", "money", "status", "attempt_count", "created_at", "paid_at")
    list_filter = ("status", "currency", "created_at")
    search_fields = ("=stripe_id", "=number", "=subscription", *WHOSE)


@admin.register(Purchase)
class PurchaseAdmin(OfCustomerAdmin):
    """What teams have bought once."""

    list_display = ("stripe_id", "team", "code", "money", "refunded", "created_at")
    list_filter = ("code", "currency", "created_at")
    search_fields = ("=stripe_id", "=payment_intent", *WHOSE)

    @admin.display(description="Given back")
    def refunded(self, row: Purchase) -> str:
        """What was given back, for people."""
        return str(Money(row.amount_refunded, row.currency)) if row.amount_refunded else "-"


@admin.register(UsageReport)
class UsageReportAdmin(OfCustomerAdmin):
    """What Stripe was told of usage, or is to be told."""

    list_display = ("identifier", "team", "meter", "quantity", "occurred_at", "reported_at")
    list_filter = ("meter", ("reported_at", admin.EmptyFieldListFilter))
    search_fields = ("=identifier", *WHOSE)


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    """What teams have used."""

    list_display = ("team", "meter", "quantity", "occurred_at", "is_billed", "report")
    list_filter = ("meter", "is_billed", ("report", admin.EmptyFieldListFilter), "occurred_at")
    list_select_related = ("team", "report")
    search_fields = ("team__name", "=report__identifier")
    show_full_result_count = False
