"""Yours: the export reaches who asked for it, and nobody else."""

import csv
import io
from typing import Any

import pytest

from core.product.tasks import ExportProjects
from core.teams.context import NoTeam, team_scope
from sandbox.mailbox.thread import Mailbox
from tests.product.web.conftest import make_project
from web.accounts.models import User
from web.product.tasks import export_projects
from web.teams.models import Team


@pytest.fixture(autouse=True)
def real_mail(settings: Any) -> None:
    """Django's test runner would keep the mails."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def export(team: Team, user: User) -> None:
    """Run the task, as the worker does."""
    with team_scope(team.pk):
        export_projects(ExportProjects(user_id=user.pk))


def test_the_file_holds_the_projects_of_the_team(
    ann: User, team: Team, others: Team, mailbox: Mailbox
) -> None:
    make_project(team, "Website", description="one\ntwo", created_by=ann)
    make_project(team, "=1+1")
    make_project(others, "Secret")
    export(team, ann)
    mail = mailbox.wait(to="ann@example.com", subject="Acme")
    (file,) = mail.message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("projects.csv", "text/csv")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    first, second = rows
    assert (first["name"], first["description"]) == ("Website", "one\r\ntwo")
    assert (first["created_by"], second["name"]) == ("Ann <3", "'=1+1")


def test_who_has_left_gets_nothing(bob: User, team: Team, mailbox: Mailbox) -> None:
    team.memberships.filter(user=bob).delete()
    export(team, bob)
    assert mailbox.messages == []


def test_who_is_locked_out_gets_nothing(bob: User, team: Team, mailbox: Mailbox) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    export(team, bob)
    assert mailbox.messages == []


def test_without_a_team_there_is_nothing_to_export(ann: User) -> None:
    with pytest.raises(NoTeam):
        export_projects(ExportProjects(user_id=ann.pk))
