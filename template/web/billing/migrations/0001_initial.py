"""The tables of billing, with the columns that every stack has."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("teams", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("created_at", models.DateTimeField()),
                ("reconciled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "team",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="customer",
                        to="teams.team",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField()),
                ("synced_at", models.DateTimeField()),
                ("subscription", models.CharField(blank=True, max_length=255)),
                ("number", models.CharField(blank=True, max_length=255)),
                ("status", models.CharField(max_length=16)),
                ("total", models.BigIntegerField()),
                ("amount_due", models.BigIntegerField()),
                ("amount_paid", models.BigIntegerField()),
                ("attempt_count", models.IntegerField()),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("paid_at", models.DateTimeField(blank=True, null=True)),
                ("hosted_url", models.TextField(blank=True)),
                ("pdf_url", models.TextField(blank=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="billing.customer",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField()),
                ("synced_at", models.DateTimeField()),
                ("code", models.CharField(max_length=40)),
                ("amount", models.BigIntegerField()),
                ("amount_refunded", models.BigIntegerField(default=0)),
                ("payment_intent", models.CharField(blank=True, db_index=True, max_length=255)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="billing.customer",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("stripe_id", models.CharField(max_length=255, unique=True)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField()),
                ("synced_at", models.DateTimeField()),
                ("item_id", models.CharField(max_length=255)),
                ("price_id", models.CharField(max_length=255)),
                ("plan", models.CharField(max_length=40)),
                ("interval", models.CharField(max_length=8)),
                ("quantity", models.IntegerField()),
                ("status", models.CharField(max_length=32)),
                ("current_period_start", models.DateTimeField()),
                ("current_period_end", models.DateTimeField()),
                ("trial_end", models.DateTimeField(blank=True, null=True)),
                ("cancel_at", models.DateTimeField(blank=True, null=True)),
                ("canceled_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("past_due_since", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="billing.customer",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="UsageReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("meter", models.CharField(max_length=40)),
                ("quantity", models.BigIntegerField()),
                ("identifier", models.CharField(max_length=100, unique=True)),
                ("occurred_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("reported_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage_reports",
                        to="billing.customer",
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="Usage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("meter", models.CharField(max_length=40)),
                ("quantity", models.IntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("is_billed", models.BooleanField()),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="usage",
                        to="teams.team",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="usage",
                        to="billing.usagereport",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        fields=["team", "meter", "occurred_at"], name="billing_usage_period"
                    ),
                    models.Index(
                        condition=models.Q(("is_billed", True), ("report__isnull", True)),
                        fields=["team"],
                        name="billing_usage_open",
                    ),
                ],
            },
        ),
    ]
