"""Yours: what the plan of a team limits, and what of your product is counted."""

import pytest
from django.test import Client
from django.urls import reverse

from core.billing.catalog import CATALOG
from core.problems import Problem
from core.teams.context import team_scope
from tests.product.web.conftest import browser_of, make_project
from tests.web.teams.racing import race
from web.accounts.models import User
from web.billing.models import Subscription, Usage
from web.product.models import Project
from web.teams.models import Team

MOST = CATALOG.free.limits["projects"]


@pytest.fixture
def free(ann: User) -> Team:
    """A team that has the free plan."""
    return Team.objects.all().create_for(ann, "Small")


def make(team: Team, **fields: object) -> Project:
    """Make a project as the pages do."""
    with team_scope(team.pk):
        return Project.objects.create(name="Website", **fields)


def test_a_plan_has_room_for_so_many_projects(free: Team) -> None:
    for _ in range(MOST):
        make(free)
    with pytest.raises(Problem) as refused:
        make(free)
    assert (refused.value.status, refused.value.kind) == (402, "limit-reached")
    assert Project.across_teams.filter(team=free).count() == MOST


def test_what_is_archived_takes_no_room_until_it_is_restored(free: Team) -> None:
    first = make(free)
    with team_scope(free.pk):
        first.archive()
    for _ in range(MOST):
        make(free)
    with team_scope(free.pk), pytest.raises(Problem):
        first.restore()
    with team_scope(free.pk):
        project = Project.objects.listed()[0]
        project.archive()
        Project.objects.one(first.pk).restore()
        # What has its place keeps it when it changes.
        changed = Project.objects.one(first.pk)
        changed.name = "Shop"
        changed.save()


def test_the_page_says_which_plans_have_more_room(ann: User, free: Team) -> None:
    for _ in range(MOST):
        make(free)
    answer = browser_of(ann, free).post(reverse("new_project"), {"name": "One more"})
    assert answer.status_code == 402
    page = answer.content.decode()
    assert f"has room for {MOST}" in page
    assert CATALOG.plans[-1].name in page
    assert reverse("pricing") in page


def test_who_has_too_many_after_a_change_of_plan_keeps_them(free: Team) -> None:
    for number in range(MOST + 2):
        make_project(free, f"Number {number}")
    with team_scope(free.pk):
        Project.objects.listed()[0].archive()
        with pytest.raises(Problem):
            Project.objects.create(name="Shop")


def test_each_change_is_counted_once(browser: Client, team: Team) -> None:
    browser.post(reverse("new_project"), {"name": "Website"})
    project = Project.across_teams.get()
    browser.post(reverse("edit_project", args=[project.pk]), {"name": "Shop"})
    browser.post(reverse("archive_project", args=[project.pk]))
    counted = Usage.objects.filter(team=team, meter="changes")
    assert [each.quantity for each in counted] == [1, 1, 1]


def test_what_is_refused_is_not_counted(ann: User, free: Team) -> None:
    for _ in range(MOST):
        make(free)
    browser_of(ann, free).post(reverse("new_project"), {"name": "One more"})
    assert Usage.objects.filter(team=free).count() == MOST


@pytest.mark.django_db(transaction=True)
def test_of_two_last_projects_made_at_once_one_is_there(free: Team) -> None:
    for number in range(MOST - 1):
        make_project(free, f"Number {number}")
    outcomes = race(free, lambda: make(free), lambda: make(free))
    assert sorted(outcomes, key=str) == [None, "limit-reached"]
    assert Project.across_teams.filter(team=free).count() == MOST


def test_a_subscription_makes_room(team: Team) -> None:
    assert Subscription.objects.running(team.pk)
    for _ in range(MOST + 1):
        make(team)
