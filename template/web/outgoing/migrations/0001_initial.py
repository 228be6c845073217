"""Outgoing webhooks, with the columns that every stack has."""

import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


def id_field() -> models.BigAutoField:
    """The key of a row."""
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


def key_to(model: str, related_name: str, *, db_index: bool = True) -> models.ForeignKey:
    """A row that this one goes with."""
    return models.ForeignKey(
        db_index=db_index,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=related_name,
        to=model,
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [("teams", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                ("id", id_field()),
                ("url", models.CharField(max_length=2000)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("event_types", ArrayField(models.TextField(), blank=True)),
                ("secret", models.CharField(max_length=500)),
                ("former_secret", models.CharField(blank=True, max_length=500)),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                ("disabled_at", models.DateTimeField(blank=True, null=True)),
                ("disabled_reason", models.CharField(blank=True, max_length=200)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("quiet_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("team", key_to("teams.team", "webhook_endpoints")),
            ],
            options={"ordering": ("-id",)},
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", id_field()),
                ("public_id", models.CharField(max_length=64, unique=True)),
                ("type", models.CharField(max_length=100)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("team", key_to("teams.team", "webhook_events")),
            ],
            options={"ordering": ("-id",)},
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", id_field()),
                ("status", models.CharField(max_length=16)),
                ("attempts", models.IntegerField()),
                ("created_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("endpoint", key_to("outgoing.endpoint", "deliveries", db_index=False)),
                ("event", key_to("outgoing.event", "deliveries")),
                ("team", key_to("teams.team", "webhook_deliveries", db_index=False)),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["endpoint", "id"], name="outgoing_delivery_list"),
                    models.Index(fields=["team", "id"], name="outgoing_delivery_team"),
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["next_attempt_at"],
                        name="outgoing_delivery_pending",
                    ),
                    models.Index(
                        condition=models.Q(("status", "pending")),
                        fields=["endpoint"],
                        name="outgoing_delivery_waiting",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("endpoint", "event"), name="outgoing_delivery_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", id_field()),
                ("started_at", models.DateTimeField()),
                ("duration_ms", models.IntegerField()),
                ("request_headers", models.JSONField()),
                ("response_status", models.IntegerField(blank=True, null=True)),
                ("response_headers", models.JSONField()),
                ("response_body", models.TextField(blank=True)),
                ("error", models.CharField(blank=True, max_length=500)),
                ("delivery", key_to("outgoing.delivery", "log")),
            ],
            options={"ordering": ("id",)},
        ),
    ]
