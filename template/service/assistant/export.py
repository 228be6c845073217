"""What somebody said to the assistant, and what it answered, for themselves."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.export import MORE, columns
from service.assistant.models import Conversation, Message
from service.teams.scope import across_teams


async def conversations(session: AsyncSession, user_id: int) -> list[dict[str, Any]]:
    """All of theirs, in every team that they are or were in."""
    said: dict[int, list[dict[str, Any]]] = {}
    for each in await session.scalars(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.user_id == user_id)
        .order_by(Message.id),
        execution_options=across_teams(),
    ):
        told = columns(each, "role content status model created_at ended_at")
        said.setdefault(each.conversation_id, []).append(told)
    mine = select(Conversation).where(Conversation.user_id == user_id).order_by(Conversation.id)
    return [
        {
            **columns(found, "team_id title created_at updated_at"),
            "messages": said.get(found.id, []),
        }
        for found in await session.scalars(mine, execution_options=across_teams())
    ]


def install() -> None:
    """Have the data of people hold it."""
    MORE["conversations"] = conversations
