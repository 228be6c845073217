"""The tables of the outbox, with the columns that every stack has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(max_length=100)),
                ("payload", models.JSONField()),
                ("key", models.CharField(blank=True, max_length=200, null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("team_id", models.BigIntegerField(blank=True, null=True)),
                ("schedule", models.CharField(blank=True, max_length=100)),
                ("attempts", models.IntegerField()),
                ("error", models.CharField(max_length=500)),
                ("traceback", models.TextField(blank=True)),
                ("failed_at", models.DateTimeField(db_index=True)),
                ("replayed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-failed_at",),
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("last_tick", models.DateTimeField()),
                ("last_finished_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("task", models.CharField(max_length=100)),
                ("payload", models.JSONField()),
                ("key", models.CharField(blank=True, max_length=200, null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("team_id", models.BigIntegerField(blank=True, null=True)),
                ("schedule", models.CharField(blank=True, max_length=100)),
                ("attempts", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("available_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("done_at__isnull", True), ("published_at__isnull", True)
                        ),
                        fields=["available_at", "id"],
                        name="outbox_message_due",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("done_at__isnull", True), ("published_at__isnull", False)
                        ),
                        fields=["published_at"],
                        name="outbox_message_published",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key__isnull", False)),
                        fields=("task", "key"),
                        name="outbox_message_key",
                    )
                ],
            },
        ),
    ]
