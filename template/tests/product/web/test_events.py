"""Yours: what webhooks tell of your product."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.outgoing.endpoints import create_endpoint
from core.teams.context import team_scope
from web.outgoing.models import Event
from web.product.models import Project
from web.queue import CurrentTransaction
from web.teams.models import Team


@pytest.fixture(autouse=True)
def _listener(team: Team) -> None:
    create_endpoint(CurrentTransaction().execute, team.pk, url="https://example.com/hook")


def told(team: Team) -> list[str]:
    """The types of what was told, the oldest first."""
    return list(Event.objects.filter(team=team).order_by("pk").values_list("type", flat=True))


def test_pages_tell_what_becomes_of_a_project(browser: Client, team: Team) -> None:
    browser.post(reverse("new_project"), {"name": "Website"})
    project = Project.across_teams.get()
    browser.post(reverse("edit_project", args=[project.pk]), {"name": "Shop"})
    browser.post(reverse("archive_project", args=[project.pk]))
    browser.post(reverse("archive_project", args=[project.pk]))
    browser.post(reverse("edit_project", args=[project.pk]), {"name": "Old shop"})
    browser.post(reverse("restore_project", args=[project.pk]))
    updated = "project.updated"
    assert told(team) == ["project.created", updated, "project.archived", updated, updated]
    data = Event.objects.filter(team=team).order_by("pk")[1].payload["data"]
    assert data["project"]["name"] == "Shop"
    assert data["project"]["id"] == project.pk


def test_what_was_rolled_back_is_told_to_nobody(team: Team) -> None:
    with team_scope(team.pk), transaction.atomic():
        Project.objects.create(name="Website")
        transaction.set_rollback(True)
    assert told(team) == []
