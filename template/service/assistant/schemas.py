"""What goes in and out of the assistant's addresses."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from core.api.schemas import VISIBLE, Answer, Body, Id
from core.assistant.status import Status

# Letters of a question; about eight thousand tokens.
MOST = 32_000

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=VISIBLE),
    Field(examples=["Names for a product"]),
]
Question = Annotated[
    str,
    # Something to see, and no NUL, which PostgreSQL does not keep.
    StringConstraints(min_length=1, max_length=MOST, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
    Field(examples=["How do I name a product?"]),
]


class NewConversation(Body):
    """A conversation to begin."""

    title: Title = Field(
        default="", description="Without one it is called by the first question, later."
    )


class NewMessage(Body):
    """A question."""

    content: Question


class Conversation(Answer):
    """Questions and answers of the caller in a team."""

    id: Id
    title: str = Field(examples=["Names for a product"])
    created_at: datetime
    updated_at: datetime = Field(description="When something was last asked or answered in it.")


class ChatMessage(Answer):
    """A question or an answer."""

    id: Id
    conversation_id: Id
    role: Literal["user", "assistant"]
    content: str = Field(
        description="Of an answer that is being written: what was kept of it so far.",
        examples=["Short, and easy to say on the telephone."],
    )
    status: Status
    error: str = Field(
        description="Why it is stopped or failed, as the `type` of a problem; empty otherwise.",
        examples=["urn:problem:assistant-stalled"],
    )
    model: str = Field(
        description="Which model answered; empty for a question.", examples=["gpt-5-mini"]
    )
    prompt_tokens: int = Field(description="What the question took, with what went along.")
    completion_tokens: int = Field(description="What the answer took.")
    created_at: datetime
    ended_at: datetime | None = Field(description="Null while it is being written.")


class ConversationWithMessages(Conversation):
    """A conversation with all that was said in it."""

    messages: list[ChatMessage] = Field(description="The oldest first.")
