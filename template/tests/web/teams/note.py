"""A row of a team, as a product would have it; its table is made along with the test's database."""

from django.db import models

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
