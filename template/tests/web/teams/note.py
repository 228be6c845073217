"""A row of a team, as a product would have it; its table is made along with the test's database."""

from typing import Any

from django.db import connection, models
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from web.teams.scope import TeamOwned


class Note(TeamOwned):
    """Something that a team wrote down."""

    text = models.CharField(max_length=100)
    answers = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="answered"
    )

    class Meta:
        app_label = "teams"
        db_table = "test_note"
        constraints = (models.UniqueConstraint(fields=["team", "text"], name="test_note_once"),)

    def __str__(self) -> str:
        return self.text


@receiver(post_migrate)
def make_table(**_: Any) -> None:
    """Make the table wherever Django may look for it: whoever deletes a team deletes its notes."""
    if Note._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as schema:
            schema.create_model(Note)
