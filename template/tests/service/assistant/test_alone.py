"""Without Django beside it, the service also exports, erases and shows staff the numbers."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from core.assistant.sweep import LEASE
from core.assistant.tasks import SweepAnswers
from service.assistant.admin import ConversationView, UsageView
from service.assistant.models import Conversation
from service.assistant.tasks import sweep_answers
from service.tasks import engine
from tests.service.assistant.authorization import furnish_assistant
from tests.service.assistant.streams.kept import tokens
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

Database = psycopg.Connection[dict[str, Any]]


async def test_the_data_of_a_person_hold_what_they_said(
    app: FastAPI,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    ann, bob = make_user("ann@example.com"), make_user("bob@example.com")
    team = make_team("Acme", owner=ann, member=bob)
    furnish_assistant(database, team, ann, "mine")
    furnish_assistant(database, team, bob, "theirs")
    async with make_client(app, token=make_token(ann)) as client:
        told = await client.get("/api/v1/me/export")
    (talk,) = told.json()["conversations"]
    assert talk["title"] == "mine title"
    assert [each["content"] for each in talk["messages"]] == ["mine user", "mine assistant"]
    assert "theirs" not in told.text


async def test_who_goes_takes_what_they_said_along(
    app: FastAPI,
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_token: Callable[..., str],
) -> None:
    ann, bob = make_user("ann@example.com"), make_user("bob@example.com")
    team = make_team("Acme", owner=bob, member=ann)
    furnish_assistant(database, team, ann, "mine")
    furnish_assistant(database, team, bob, "theirs")
    async with make_client(app, token=make_token(ann)) as client:
        assert (await client.delete("/api/v1/me")).status_code == 204
    left = database.execute("SELECT title FROM assistant_conversation").fetchall()
    assert [row["title"] for row in left] == ["theirs title"]
    async with make_client(app, token=make_token(bob)) as client:
        assert (await client.delete(f"/api/v1/teams/{team}")).status_code == 204
    assert not database.execute("SELECT FROM assistant_message").fetchall()


def test_staff_see_numbers_and_no_words() -> None:
    shown = {field.name for view in (ConversationView, UsageView) for field in view.fields}
    assert not shown & {"title", "content", "messages"}
    assert hasattr(Conversation, "count")


def test_the_clock_marks_what_was_lost(
    database: Database, make_user: Callable[..., int], make_team: Callable[..., int]
) -> None:
    ann = make_user("ann@example.com")
    team = make_team("Acme", owner=ann)
    furnish_assistant(database, team, ann, "mine")
    database.execute(
        "UPDATE assistant_message SET status = 'streaming', ended_at = NULL, prompt_tokens = 7,"
        " seen_at = now() - %s * interval '1 s' WHERE role = 'assistant'",
        [LEASE + 1],
    )
    for _ in range(2):
        with Session(engine()) as session:
            sweep_answers(SweepAnswers(), session)
            session.commit()
    row = database.execute(
        "SELECT status, content FROM assistant_message ORDER BY id DESC"
    ).fetchone()
    assert row == {"status": "failed", "content": "mine assistant"}
    assert tokens(database, team) == [7]
