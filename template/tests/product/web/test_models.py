"""Yours: the rows of a team are reached in its scope, and nowhere else."""

import pytest

from core.teams.context import NoTeam, team_scope
from tests.product.web.conftest import make_project
from web.product.models import Project
from web.teams.models import Team


def test_whoever_forgets_the_scope_gets_an_error(team: Team) -> None:
    made = make_project(team)
    for forgotten in (
        Project.objects.count,
        Project.objects.listed().first,
        made.archive,
        lambda: Project.objects.create(name="Shop"),
    ):
        with pytest.raises(NoTeam):
            forgotten()


def test_each_team_sees_its_own(team: Team, others: Team) -> None:
    make_project(team, "Website")
    make_project(others, "Secret")
    with team_scope(team.pk):
        assert [project.name for project in Project.objects.listed()] == ["Website"]
        assert Project.objects.create(name="Shop").team == team


def test_projects_go_with_their_team_and_stay_without_their_maker(team: Team, others: Team) -> None:
    maker = team.members.get()
    make_project(others, created_by=maker)
    make_project(team)
    team.delete()
    assert Project.across_teams.get().team == others
    maker.delete()
    assert Project.across_teams.get().created_by is None
