"""The audit log, with the columns and triggers that every stack has."""

from django.db import migrations, models

# The table takes new rows only. Tests empty theirs, in databases named for it.
GUARD = """
CREATE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log takes new rows only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_guard();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_guard();
"""
UNGUARD = """
DROP TRIGGER audit_entry_no_truncate ON audit_entry;
DROP TRIGGER audit_entry_append_only ON audit_entry;
DROP FUNCTION audit_entry_guard();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("team_id", models.BigIntegerField(blank=True, null=True)),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.BigIntegerField(blank=True, null=True)),
                ("impersonator_id", models.BigIntegerField(blank=True, null=True)),
                ("action", models.CharField(max_length=64)),
                ("target_kind", models.CharField(blank=True, max_length=32)),
                ("target_id", models.BigIntegerField(blank=True, null=True)),
                ("details", models.JSONField()),
                ("ip_address", models.GenericIPAddressField(blank=True, null=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "entries",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["team_id", "id"], name="audit_entry_team"),
                    models.Index(fields=["actor_id", "id"], name="audit_entry_actor"),
                ],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
