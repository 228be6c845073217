"""What we know of what Stripe knows. `core.billing` reads and writes it; pages and staff look here.

Rows belong to a customer. A customer whose team is gone stays until Stripe was told.
"""

from __future__ import annotations

from django.db import models

from web.teams.models import Team

# What is over in Stripe's words, whatever else it says.
ENDED = ("canceled", "incomplete_expired")


class Customer(models.Model):
    """A team as Stripe knows it."""

    team = models.OneToOneField(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="customer"
    )
    stripe_id = models.CharField(max_length=255, unique=True)
    email = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField()
    reconciled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.stripe_id


class Mirrored(models.Model):
    """An object of Stripe's, as it was at `synced_at`."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="%(class)ss")
    stripe_id = models.CharField(max_length=255, unique=True)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    synced_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.stripe_id


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions, as pages look for them."""

    def running(self, team_id: int) -> Subscription | None:
        """The one that a team has; None if what it had has ended."""
        ended = models.Q(ended_at__isnull=False) | models.Q(status__in=ENDED)
        return self.filter(customer__team=team_id).exclude(ended).first()


class Subscription(Mirrored):
    """A subscription; a team has at most one that runs. `core.billing.entitlements` judges it."""

    item_id = models.CharField(max_length=255)
    price_id = models.CharField(max_length=255)
    plan = models.CharField(max_length=40)
    interval = models.CharField(max_length=8)
    quantity = models.IntegerField()
    status = models.CharField(max_length=32)
    current_period_start = models.DateTimeField()
    current_period_end = models.DateTimeField()
    trial_end = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    past_due_since = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")


class Invoice(Mirrored):
    """An invoice that was finalized. Amounts are in the currency's smallest unit."""

    subscription = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16)
    total = models.BigIntegerField()
    amount_due = models.BigIntegerField()
    amount_paid = models.BigIntegerField()
    attempt_count = models.IntegerField()
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    hosted_url = models.TextField(blank=True)
    pdf_url = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at", "-id")


class Purchase(Mirrored):
    """Something that was paid once, by a checkout. Amounts are in the currency's smallest unit."""

    code = models.CharField(max_length=40)
    amount = models.BigIntegerField()
    amount_refunded = models.BigIntegerField(default=0)
    payment_intent = models.CharField(max_length=255, blank=True, db_index=True)

    class Meta:
        ordering = ("-created_at", "-id")


class UsageReport(models.Model):
    """What Stripe is told of a team's usage, under an `identifier` that it takes once."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="usage_reports")
    meter = models.CharField(max_length=40)
    quantity = models.BigIntegerField()
    identifier = models.CharField(max_length=100, unique=True)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.identifier


class Usage(models.Model):
    """Something that was used, counted in the transaction that used it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="usage")
    meter = models.CharField(max_length=40)
    quantity = models.IntegerField()
    occurred_at = models.DateTimeField()
    is_billed = models.BooleanField()  # by the plan that the team had then
    report = models.ForeignKey(
        UsageReport, on_delete=models.SET_NULL, null=True, blank=True, related_name="usage"
    )

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "usage"
        indexes = (
            models.Index(fields=["team", "meter", "occurred_at"], name="billing_usage_period"),
            models.Index(
                fields=["team"],
                condition=models.Q(is_billed=True, report__isnull=True),
                name="billing_usage_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"
