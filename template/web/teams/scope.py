"""Rows that belong to a team: nobody reads or writes them but in `team_scope` of that team.

    class Project(TeamOwned):
        name = models.CharField(max_length=100)

`Project.objects` sees the rows of the present team, whenever the query runs; outside a scope it
raises `NoTeam`. `Project.across_teams` sees all rows, for the admin and for work that really spans
teams. Django itself reaches rows by neither of them: what a row refers to, and the rows that are
deleted along with a team, it finds whatever the scope.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar, cast

from django.db import models
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from core.teams.context import current_team_id
from web.teams.models import Team

Row = TypeVar("Row", bound="TeamOwned", covariant=True)


class OtherTeam(RuntimeError):
    """A row of one team was about to be written in the scope of another."""


class CurrentTeam(Expression):
    """The id of the present team, looked up when a query becomes SQL.

    So a queryset may be made where there is no team yet, as in the fields of a form.
    """

    def __init__(self) -> None:
        super().__init__(output_field=models.BigIntegerField())

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[int]]:
        """The id as a parameter; raises `NoTeam` outside `team_scope`."""
        return "%s", (current_team_id(),)


class TeamOwnedQuerySet(models.QuerySet[Row]):
    """Rows of the present team. Derive from it for queries of your own."""

    def update(self, **values: Any) -> int:
        """Change rows; not their team."""
        if {"team", "team_id"} & values.keys():
            raise OtherTeam("rows stay in their team")
        return super().update(**values)

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Make rows of the present team; an upsert names the team among its unique fields."""
        unique = set(kwargs.get("unique_fields") or ())
        if kwargs.get("update_conflicts") and not {"team", "team_id"} & unique:
            raise OtherTeam("name the team in unique_fields: the row may be another team's")
        rows = list(objs)
        for row in rows:
            row.claim()
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(
        self, objs: Iterable[Row], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        """Change rows of the present team, and those alone; not their team."""
        fields = list(fields)
        if {"team", "team_id"} & set(fields):
            raise OtherTeam("rows stay in their team")
        return super().bulk_update(objs, fields, *args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: nothing could keep SQL of your own in the team."""
        raise OtherTeam("write SQL for `across_teams`, and name the team in it")


BaseManager = models.Manager.from_queryset(TeamOwnedQuerySet)


class TeamOwnedManager(BaseManager[Row]):
    """Reaches the rows of the present team."""

    def get_queryset(self) -> TeamOwnedQuerySet[Row]:
        """Every query begins here."""
        rows = cast("TeamOwnedQuerySet[Row]", super().get_queryset())
        return rows.filter(team_id=CurrentTeam())


class TeamOwned(models.Model):
    """A row of a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, editable=False)
    team_id: int

    objects: ClassVar[TeamOwnedManager[Self]] = TeamOwnedManager()
    across_teams: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the row, in the scope of its team alone."""
        self.claim()
        super().save(*args, **kwargs)

    def _do_update(self, base_qs: models.QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
        """Update the row if it is this team's in the database too: a primary key may be guessed."""
        rows = base_qs.filter(team_id=self.team_id)
        return super()._do_update(rows, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, in the scope of its team alone."""
        self.claim()
        if not type(self)._default_manager.filter(pk=self.pk).exists():
            raise OtherTeam("there is no such row in this team")
        return super().delete(*args, **kwargs)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: Any = None,
    ) -> None:
        """Read the row again, as long as it is the same team's."""
        if from_queryset is None:
            from_queryset = type(self)._base_manager.filter(team_id=self.team_id)
        super().refresh_from_db(using, fields, from_queryset)

    def claim(self) -> None:
        """Give a new row the present team; raises `OtherTeam` for a row that has another."""
        team_id = current_team_id()
        if self.team_id is None:
            self.team_id = team_id
        if self.team_id != team_id:
            raise OtherTeam(f"a row of team {self.team_id} in the scope of team {team_id}")
