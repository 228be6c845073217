"""Conversations with the assistant, at the same addresses alone or beside Django."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Response

from core.api.pages import decode_cursor, page_of
from core.api.schemas import Id, Page, PageQuery
from core.assistant.places import letters_before
from service.assistant import answers, queries
from service.assistant.dependencies import CurrentMember, CurrentWorks
from service.assistant.follow import Follow, check_room
from service.assistant.provider import CurrentProvider
from service.assistant.runs import Run
from service.assistant.schemas import (
    ChatMessage,
    Conversation,
    ConversationWithMessages,
    NewConversation,
    NewMessage,
)
from service.assistant.stream import Stream, Why
from service.http.capacity import AsStream
from service.http.problems import documented
from service.pool import CurrentPool

router = APIRouter(
    prefix="/assistant/teams/{team_id}/conversations",
    tags=["assistant"],
    responses=documented(401, 403, 404, 503),
)
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The `id` of the last event that came: the answer, and how many letters of it.",
        examples=["8-5"],
    ),
]
EVENTS = """event: token
data: {"text": "Short"}
id: 8-5

"""
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `start`, any number of `token`, and `end` or `error`.",
        "content": {
            "text/event-stream": {"schema": {"type": "string", "examples": [EVENTS]}},
        },
    }
}
Ask = Callable[[int | None], Awaitable[Stream]]


async def asking(
    body: NewMessage,
    team: CurrentMember,
    pool: CurrentPool,
    provider: CurrentProvider,
    works: CurrentWorks,
    _: AsStream,
) -> Ask:
    """Asks the question in a conversation, or with None in a new one, and streams the answer."""

    async def ask(conversation_id: int | None) -> Stream:
        begun = await answers.begin(pool, team, conversation_id, body.content, provider.model)
        return Stream(Run(pool, provider, begun), works)

    return ask


CurrentQuestion = Annotated[Ask, Depends(asking)]


@router.get("", summary="List conversations")
async def list_conversations(
    query: Annotated[PageQuery, Query()], team: CurrentMember, pool: CurrentPool
) -> Page[Conversation]:
    """The caller's own, the newest first."""
    after = decode_cursor(query.cursor)
    rows = await queries.conversations(pool, team, after, query.limit + 1)
    return page_of(rows, query.limit, Conversation.model_validate, lambda row: int(row["id"]))


@router.post("", summary="Begin a conversation", status_code=201)
async def create_conversation(
    body: NewConversation, team: CurrentMember, pool: CurrentPool
) -> Conversation:
    """It is the caller's, and nobody else in the team reads it."""
    return Conversation.model_validate(await queries.create(pool, team, body.title))


@router.post(
    "/messages",
    summary="Ask in a new conversation",
    status_code=200,
    response_class=Stream,
    responses=STREAM | documented(402, 429),
)
async def ask_first(ask: CurrentQuestion) -> Response:
    """It is called by the question, and its id is the `conversation_id` of the messages in `start`.
    When the question is refused, no conversation is left.
    """
    return await ask(None)


@router.get("/{conversation_id}", summary="Read a conversation")
async def get_conversation(
    conversation_id: Id, team: CurrentMember, pool: CurrentPool
) -> ConversationWithMessages:
    """What was said in it; of a very long one, what was said last."""
    row = await queries.one(pool, team, conversation_id)
    said = await queries.messages(pool, conversation_id)
    return ConversationWithMessages.model_validate({**row, "messages": said})


@router.delete(
    "/{conversation_id}",
    summary="Delete a conversation",
    status_code=204,
    responses=documented(409),
)
async def delete_conversation(
    conversation_id: Id, team: CurrentMember, pool: CurrentPool
) -> Response:
    """With all that was said in it, once no answer is written there any more. The tokens that it
    took stay counted.
    """
    await queries.delete(pool, team, conversation_id)
    return Response(status_code=204)


@router.post(
    "/{conversation_id}/messages",
    summary="Ask, and have the answer as it is written",
    status_code=200,
    response_class=Stream,
    responses=STREAM | documented(402, 409, 429),
)
async def ask_assistant(conversation_id: Id, ask: CurrentQuestion) -> Response:
    """Events: `start` with both messages, `token` for each part of the answer, then `end` or
    `error`. Whoever closes the connection stops the answer; what was written is kept.
    """
    return await ask(conversation_id)


@router.get(
    "/{conversation_id}/messages/{message_id}/events",
    summary="Have the rest of an answer",
    status_code=200,
    response_class=Stream,
    responses=STREAM | documented(429),
)
async def follow_answer(
    conversation_id: Id,
    message_id: Id,
    team: CurrentMember,
    pool: CurrentPool,
    works: CurrentWorks,
    _: AsStream,
    last_event_id: LastEventId = None,
) -> Response:
    """What was written after the event that `Last-Event-ID` names, or all of it without.

    It waits while the answer is being written.
    """
    question, answer = await queries.exchange(pool, team, conversation_id, message_id)
    seen = letters_before(last_event_id, message_id)
    check_room(works, team.caller.id)
    return Stream(Follow(pool, team, question, answer, seen), works)


@router.post("/{conversation_id}/messages/{message_id}/stop", summary="Stop an answer")
async def stop_answer(
    conversation_id: Id, message_id: Id, team: CurrentMember, pool: CurrentPool, works: CurrentWorks
) -> ChatMessage:
    """Within about a second, whichever process writes it: it ends as `stopped`, and what was
    written is kept. One that has ended stays as it is. Answers it as it is at this moment.
    """
    answer = await queries.ask_to_stop(pool, team, conversation_id, message_id)
    for work in works.going:
        if isinstance(work, Run) and work.message_id == message_id:
            work.stop(Why.ASKED)
    return ChatMessage.model_validate(answer)
