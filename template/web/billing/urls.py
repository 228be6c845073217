"""The addresses of billing."""

from django.urls import include, path

from web.accounts.leaving import leave_by_page
from web.billing.views import buying, changes, overview, pricing

# Stripe's pages are another site, which a form cannot lead to under a strict policy.
of_team = [
    path("", overview.billing, name="billing"),
    path("invoices/", overview.invoices, name="billing_invoices"),
    path("checkout/", leave_by_page(buying.start_checkout), name="start_checkout"),
    path("purchases/", leave_by_page(buying.start_purchase), name="start_purchase"),
    path("return/", buying.checkout_return, name="checkout_return"),
    path("portal/", leave_by_page(changes.open_portal), name="open_portal"),
    path("change/", leave_by_page(changes.change_plan), name="change_plan"),
    path("cancel/", changes.cancel, name="cancel_subscription"),
    path("resume/", changes.resume, name="resume_subscription"),
]
urlpatterns = [
    path("pricing/", pricing.pricing, name="pricing"),
    path("teams/<int:team_id>/billing/", include(of_team)),
]
