"""The ledger of webhooks, with the columns that every stack has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=32)),
                ("event_id", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=255)),
                ("object_id", models.CharField(blank=True, max_length=255)),
                ("customer", models.CharField(blank=True, max_length=255)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.IntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("processed_at__isnull", True)),
                        fields=["received_at"],
                        name="webhooks_event_open",
                    ),
                    models.Index(fields=["customer", "id"], name="webhooks_event_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "event_id"), name="webhooks_event_once"
                    )
                ],
            },
        ),
    ]
