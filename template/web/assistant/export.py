"""What somebody said to the assistant, and what it answered, for themselves."""

from typing import Any

from web.accounts.export import columns, rows
from web.accounts.models import User
from web.assistant.models import Conversation, Message


def conversations(user: User) -> list[dict[str, Any]]:
    """All of theirs, in every team that they are or were in."""
    return [
        {
            **columns(found, "team_id title created_at updated_at"),
            "messages": rows(
                Message.across_teams.filter(conversation=found),
                "role content status model created_at ended_at",
            ),
        }
        for found in Conversation.across_teams.filter(user=user).order_by("pk")
    ]
