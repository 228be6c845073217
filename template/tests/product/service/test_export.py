"""Yours: the export reaches who asked for it, and nobody else."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.orm import Session

from core.product.tasks import ExportProjects
from core.teams.context import NoTeam, team_scope
from sandbox.mailbox.thread import Mailbox
from service.product.models import Project
from service.product.tasks import export_projects
from service.tasks import WorkerDatabase, engine

Database = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The session that a task gets."""
    with WorkerDatabase().begin() as transaction:
        yield transaction.session
    engine().dispose()


@pytest.fixture
def ann(make_user: Callable[..., int]) -> int:
    """The owner of the team."""
    return make_user("ann@example.com", name="Ann")


@pytest.fixture
def team(ann: int, make_team: Callable[..., int]) -> int:
    """The team that everything here is about."""
    return make_team("Acme", owner=ann)


def export(session: Session, team: int, user: int) -> None:
    """Run the task, as the worker does."""
    with team_scope(team):
        export_projects(ExportProjects(user_id=user), session)


def add(session: Session, team: int, **fields: Any) -> None:
    """A project of a team."""
    with team_scope(team):
        session.add(Project(**fields))
        session.flush()


def test_the_file_holds_the_projects_of_the_team(
    session: Session, ann: int, team: int, make_team: Callable[..., int], mailbox: Mailbox
) -> None:
    add(session, team, name="Website", description="one\ntwo", created_by_id=ann)
    add(session, team, name="=1+1")
    add(session, make_team("Others"), name="Secret")
    export(session, team, ann)
    mail = mailbox.wait(to="ann@example.com", subject="Acme")
    (file,) = mail.message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("projects.csv", "text/csv")
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    first, second = rows
    assert (first["name"], first["description"]) == ("Website", "one\r\ntwo")
    assert (first["created_by"], second["name"]) == ("Ann", "'=1+1")


def test_who_has_left_gets_nothing(
    session: Session, ann: int, team: int, database: Database, mailbox: Mailbox
) -> None:
    database.execute("DELETE FROM teams_membership WHERE team_id = %s", [team])
    export(session, team, ann)
    assert mailbox.messages == []


def test_who_is_locked_out_gets_nothing(
    session: Session, ann: int, team: int, database: Database, mailbox: Mailbox
) -> None:
    database.execute("UPDATE accounts_user SET is_active = false")
    export(session, team, ann)
    assert mailbox.messages == []


def test_whoever_forgets_the_scope_gets_an_error(session: Session, ann: int) -> None:
    with pytest.raises(NoTeam):
        session.get(Project, 1)
    with pytest.raises(NoTeam):
        export_projects(ExportProjects(user_id=ann), session)
