"""Who may use the assistant's routes, and a conversation that others must not read."""

from datetime import UTC, datetime
from typing import Any

import psycopg

from tests.service.authorization.declare import MEMBERS, OWNERS, Rule
from tests.service.conftest import insert

LIST = "/assistant/teams/{team_id}/conversations"
ONE = f"{LIST}/{{conversation_id}}"

# Everybody in the team has conversations of their own; this one is the owner's.
ASSISTANT_RULES: dict[str, Rule] = {
    f"GET {LIST}": Rule(MEMBERS),
    f"POST {LIST}": Rule(MEMBERS, {"title": "New"}),
    f"POST {LIST}/messages": Rule(MEMBERS, {"content": "Why?"}),
    f"GET {ONE}": Rule(OWNERS, refused=404),
    f"DELETE {ONE}": Rule(OWNERS, refused=404),
    f"POST {ONE}/messages": Rule(OWNERS, {"content": "Why?"}, refused=404),
    f"GET {ONE}/messages/{{message_id}}/events": Rule(OWNERS, refused=404),
    f"POST {ONE}/messages/{{message_id}}/stop": Rule(OWNERS, refused=404),
}


def furnish_assistant(
    database: psycopg.Connection[dict[str, Any]], team_id: int, user_id: int, word: str
) -> dict[str, int]:
    """Have somebody asked and answered, with `word` in it; answers the ids by their names."""
    now = datetime.now(UTC)
    conversation_id = insert(
        database,
        "assistant_conversation",
        team_id=team_id,
        user_id=user_id,
        title=f"{word} title",
        created_at=now,
        updated_at=now,
    )
    for role in ("user", "assistant"):
        message_id = insert(
            database,
            "assistant_message",
            conversation_id=conversation_id,
            team_id=team_id,
            role=role,
            content=f"{word} {role}",
            status="complete",
            error="",
            model="",
            prompt_tokens=0,
            completion_tokens=0,
            created_at=now,
            ended_at=now,
            stop_asked=False,
        )
    return {"conversation_id": conversation_id, "message_id": message_id}
