"""Billing as staff see it. Stripe's dashboard is where it is changed; here is what came of that."""

from typing import Any

from sqlalchemy import ColumnElement, or_
from starlette.requests import Request
from starlette_admin.actions import ActionSelection, action, row_action
from starlette_admin.fields import BooleanField, DateTimeField, HasOne, IntegerField, StringField
from starlette_admin.flash import flash

from core.billing.money import Money, shown
from core.billing.tasks import ReconcileCustomer
from service.admin.acting import ActingView
from service.admin.queue import ReadOnlyView
from service.billing.models import Customer, Usage
from service.queue import enqueue
from service.teams.models import Team

RECONCILE = "reconcile"


def in_team(term: str) -> ColumnElement[bool]:
    """Whose team has this text in its name."""
    return Team.name.icontains(term, autoescape=True)


def of_customer(term: str) -> ColumnElement[bool]:
    """A customer whom this text names."""
    names = (Customer.stripe_id, Customer.email)
    return or_(
        *(name.icontains(term, autoescape=True) for name in names), Customer.team.has(in_team(term))
    )


class OfCustomerView(ReadOnlyView):
    """What belongs to a customer, and is found by them too."""

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """In the row, or in what names the customer."""
        own: ColumnElement[bool] = super().get_search_query(request, term)
        return or_(own, self.model.customer.has(of_customer(term)))


class CustomerView(ActingView):
    """Teams as Stripe knows them. Staff have one compared with Stripe."""

    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("stripe_id", label="At Stripe"),
        StringField("email", label="E-mail"),
        DateTimeField("created_at", label="Since"),
        DateTimeField("reconciled_at", label="Compared with Stripe"),
    )
    searchable_fields = ("stripe_id", "email")
    sortable_fields = ("id", "email", "created_at", "reconciled_at")
    fields_default_sort = (("id", True),)
    actions = (RECONCILE,)
    row_actions = ("view", RECONCILE)
    # It changes nothing that is right.
    for_staff = (RECONCILE,)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """In the row, or in the name of the team."""
        return of_customer(term)

    @action(
        name=RECONCILE,
        text="Compare with Stripe",
        confirmation="Bring all that is known of the chosen customers up to date?",
        submit_btn_text="Compare",
        icon_class="fa fa-arrows-rotate",
    )
    async def reconcile_action(self, request: Request, selection: ActionSelection) -> None:
        """Ask for a look at the chosen customers."""
        ids = sorted(map(int, await selection.pks()))
        for customer_id in ids:
            await reconcile(request, customer_id)
        flash(request, f"{len(ids)} will be compared with Stripe.", "success")

    @row_action(
        name=RECONCILE,
        text="Compare with Stripe",
        confirmation="Bring all that is known of this customer up to date?",
        submit_btn_text="Compare",
        icon_class="fa fa-arrows-rotate",
    )
    async def reconcile_row_action(self, request: Request, pk: Any) -> None:
        """Ask for a look at this customer."""
        await reconcile(request, int(pk))
        flash(request, "It will be compared with Stripe.", "success")


class SubscriptionView(OfCustomerView):
    """Subscriptions, as they were when Stripe was last asked."""

    fields = (
        IntegerField("id", label="Id"),
        HasOne("customer", label="Customer", key="customer"),
        StringField("stripe_id", label="At Stripe"),
        StringField("plan", label="Plan"),
        StringField("interval", label="Interval"),
        StringField("currency", label="Currency"),
        IntegerField("quantity", label="Seats"),
        StringField("status", label="Status"),
        DateTimeField("current_period_end", label="Paid until"),
        DateTimeField("trial_end", label="Trial until"),
        DateTimeField("cancel_at", label="To end"),
        DateTimeField("ended_at", label="Ended"),
        DateTimeField("past_due_since", label="Unpaid since"),
        DateTimeField("synced_at", label="Last asked"),
    )
    exclude_fields_from_list = ("trial_end", "ended_at", "interval", "currency", "synced_at")
    searchable_fields = ("stripe_id", "plan", "status")
    sortable_fields = ("id", "plan", "status", "current_period_end", "quantity")
    fields_default_sort = (("id", True),)


class InvoiceView(OfCustomerView):
    """Invoices, as they were when Stripe was last asked."""

    fields = (
        IntegerField("id", label="Id"),
        HasOne("customer", label="Customer", key="customer"),
        StringField("number", label="Number"),
        StringField("stripe_id", label="At Stripe"),
        StringField("subscription", label="Subscription"),
        StringField("status", label="Status"),
        StringField("total", label="Total", getter=lambda request, row: money(row, "total")),
        StringField(
            "amount_due", label="Due", getter=lambda request, row: money(row, "amount_due")
        ),
        StringField(
            "amount_paid", label="Paid", getter=lambda request, row: money(row, "amount_paid")
        ),
        IntegerField("attempt_count", label="Attempts"),
        DateTimeField("next_attempt_at", label="Next attempt"),
        DateTimeField("created_at", label="Made"),
        DateTimeField("paid_at", label="Paid at"),
        DateTimeField("synced_at", label="Last asked"),
    )
    exclude_fields_from_list = ("stripe_id", "subscription", "amount_paid", "synced_at")
    searchable_fields = ("number", "stripe_id", "subscription", "status")
    sortable_fields = ("id", "status", "created_at", "paid_at")
    fields_default_sort = (("created_at", True),)


class PurchaseView(OfCustomerView):
    """What was paid once."""

    fields = (
        IntegerField("id", label="Id"),
        HasOne("customer", label="Customer", key="customer"),
        StringField("stripe_id", label="At Stripe"),
        StringField("code", label="What"),
        StringField("amount", label="Amount", getter=lambda request, row: money(row, "amount")),
        StringField(
            "amount_refunded",
            label="Given back",
            getter=lambda request, row: money(row, "amount_refunded"),
        ),
        StringField("payment_intent", label="Payment"),
        DateTimeField("created_at", label="Made"),
        DateTimeField("synced_at", label="Last asked"),
    )
    exclude_fields_from_list = ("payment_intent", "synced_at")
    searchable_fields = ("stripe_id", "code", "payment_intent")
    sortable_fields = ("id", "code", "created_at")
    fields_default_sort = (("created_at", True),)


class UsageView(ReadOnlyView):
    """What was used, counted as it happened."""

    menu_label = "Usage"
    display_name = "Usage"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("meter", label="What"),
        IntegerField("quantity", label="How much"),
        DateTimeField("occurred_at", label="When"),
        BooleanField("is_billed", label="Billed"),
        HasOne("report", label="Report", key="usage-report"),
    )
    searchable_fields = ("meter",)
    sortable_fields = ("id", "meter", "occurred_at")
    fields_default_sort = (("id", True),)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """In the row, or in the name of the team."""
        own: ColumnElement[bool] = super().get_search_query(request, term)
        return or_(own, Usage.team.has(in_team(term)))


class ReportView(OfCustomerView):
    """What Stripe is told of usage."""

    menu_label = "Usage reports"
    display_name = "Usage report"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("customer", label="Customer", key="customer"),
        StringField("meter", label="What"),
        IntegerField("quantity", label="How much"),
        StringField("identifier", label="At Stripe"),
        DateTimeField("occurred_at", label="When"),
        DateTimeField("reported_at", label="Told"),
    )
    searchable_fields = ("meter", "identifier")
    sortable_fields = ("id", "meter", "occurred_at", "reported_at")
    fields_default_sort = (("id", True),)


async def reconcile(request: Request, customer_id: int) -> None:
    """Ask for a look at a customer, in the request's transaction."""
    await enqueue(request.state.session, ReconcileCustomer(customer_id=customer_id))


def money(row: Any, name: str) -> str:
    """An amount of a row, as people write it."""
    return shown(Money(getattr(row, name), row.currency))
