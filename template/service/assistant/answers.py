"""How an answer begins and ends: one transaction each, and no connection held in between.

Both lock the team's row first, then the conversation's. So what a team has at work, and what it has
used, is counted one after the other, and its end and the deletion of the team do not miss each
other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import AsyncConnection, sql

from core.assistant.limits import Use, check, month_of
from core.assistant.problems import already_answering, answer_lost, type_of
from core.assistant.prompt import MOST_MESSAGES, Message, build_prompt, estimate_prompt
from core.assistant.status import Status
from core.assistant.titles import title_of
from core.assistant.tokens import Tokens
from core.env import get_settings
from core.problems import not_found
from core.product.assistant import INSTRUCTIONS, PAST_TOKENS
from service.assistant.lost import fail_lost
from service.assistant.plan import limits_of, spend
from service.assistant.queries import CREATE, LOCK, MESSAGE, mine
from service.pool import Pool, Row
from service.teams.dependencies import TeamAccess

Connection = AsyncConnection[Row]

# Who waits longer for another who is at the same team is told to come again.
PATIENCE = sql.SQL("SET LOCAL lock_timeout = '5s'")
LOCK_TEAM = sql.SQL("SELECT id FROM teams_team WHERE id = %(team_id)s FOR NO KEY UPDATE")
MEMBER = sql.SQL("""
    SELECT FROM teams_membership WHERE team_id = %(team_id)s AND user_id = %(user_id)s
""")
USE = sql.SQL("""
    SELECT count(message.id) AS running, coalesce(sum(message.prompt_tokens), 0) AS running_prompts,
           (SELECT coalesce(sum(tokens), 0) FROM assistant_usage
            WHERE team_id = %(team_id)s AND created_at >= %(since)s) AS used
    FROM assistant_message AS message
    WHERE message.team_id = %(team_id)s AND message.status = 'streaming'
""")
PAST = sql.SQL("""
    SELECT role, content, status FROM assistant_message
    WHERE conversation_id = %(conversation_id)s ORDER BY id DESC LIMIT %(most)s
""")
ADD = sql.SQL(f"""
    INSERT INTO assistant_message
        (conversation_id, team_id, role, content, status, error, model, prompt_tokens,
         completion_tokens, created_at, ended_at, seen_at, stop_asked)
    VALUES
        (%(conversation_id)s, %(team_id)s, %(role)s, %(content)s, %(status)s::text, '', %(model)s,
         %(prompt)s, 0, clock_timestamp(),
         CASE WHEN %(status)s::text <> 'streaming' THEN clock_timestamp() END,
         CASE WHEN %(status)s::text = 'streaming' THEN clock_timestamp() END, false)
    RETURNING {MESSAGE}
""")  # noqa: S608  names of ours
TOUCH = sql.SQL("""
    UPDATE assistant_conversation
    SET updated_at = clock_timestamp(), title = CASE title WHEN '' THEN %(title)s ELSE title END
    WHERE id = %(conversation_id)s
""")
# Once. What was given up as lost is not, if its own process ends it after all: a database that was
# away for long heard of nobody.
END = sql.SQL(f"""
    UPDATE assistant_message
    SET content = %(content)s, status = %(status)s, error = %(error)s,
        prompt_tokens = %(prompt)s, completion_tokens = %(completion)s,
        ended_at = clock_timestamp()
    WHERE id = %(message_id)s AND (status = 'streaming' OR error = %(lost)s)
    RETURNING {MESSAGE}
""")  # noqa: S608  names of ours
# What was not counted before, which is all of it as a rule.
SPEND = sql.SQL("""
    WITH counted AS (
        SELECT coalesce(max(tokens), 0) AS tokens FROM assistant_usage
        WHERE message_id = %(message_id)s
    ), kept AS (
        INSERT INTO assistant_usage AS usage (team_id, message_id, tokens, created_at)
        VALUES (%(team_id)s, %(message_id)s, %(tokens)s, clock_timestamp())
        ON CONFLICT (message_id) DO UPDATE SET tokens = greatest(usage.tokens, excluded.tokens)
    )
    SELECT %(tokens)s - tokens AS more FROM counted WHERE tokens < %(tokens)s
""")


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that is to be written."""

    team_id: int
    question: Row
    answer: Row
    prompt: list[Message]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    status: Status
    content: str
    tokens: Tokens
    error: str = ""


async def begin(
    pool: Pool, team: TeamAccess, conversation_id: int | None, content: str, model: str
) -> Begun:
    """Keep the question, and an answer that is being written; without a conversation in a new one.

    Raises 404 for what is not the caller's, 409 while another answer is written in the
    conversation, and 402 or 429 where the team has no room for another one.
    """
    async with pool.connection() as connection, connection.transaction():
        await lock_team(connection, team)
        which = {**mine(team), "conversation_id": await place(connection, team, conversation_id)}
        await fail_lost(connection, team.id)
        past = await (await connection.execute(PAST, {**which, "most": MOST_MESSAGES})).fetchall()
        if past and past[0]["status"] == Status.STREAMING:
            raise already_answering()
        await check_room(connection, team.id)
        former = [(each["role"], each["content"]) for each in reversed(past)]
        prompt = build_prompt(INSTRUCTIONS, former, content, PAST_TOKENS)
        shared = {**which, "team_id": team.id}
        question = await add(
            connection, shared, role="user", content=content, status=Status.COMPLETE
        )
        answer = await add(
            connection,
            shared,
            role="assistant",
            status=Status.STREAMING,
            model=model,
            prompt=estimate_prompt(prompt),
        )
        await connection.execute(TOUCH, {**which, "title": title_of(content)})
    return Begun(team.id, question, answer, prompt)


async def place(connection: Connection, team: TeamAccess, conversation_id: int | None) -> int:
    """The conversation to ask in, for nobody else until the commit; 404 if it is not theirs.

    A new one is gone again when its first question is refused.
    """
    if conversation_id is None:
        cursor = await connection.execute(CREATE, {**mine(team), "title": ""})
    else:
        which = {**mine(team), "conversation_id": conversation_id}
        cursor = await connection.execute(LOCK, which)
    conversation = await cursor.fetchone()
    if conversation is None:
        raise not_found("conversation")
    return int(conversation["id"])


async def lock_team(connection: Connection, team: TeamAccess) -> None:
    """Nobody else begins or ends an answer in the team until the commit; 404 for outsiders."""
    await connection.execute(PATIENCE)
    await connection.execute(LOCK_TEAM, {"team_id": team.id})
    # Asked for behind the lock, as it is now.
    if await (await connection.execute(MEMBER, mine(team))).fetchone() is None:
        raise not_found("team")


async def check_room(connection: Connection, team_id: int) -> None:
    """Whether the team may have another answer; raises 402 or 429."""
    limits = await limits_of(connection, team_id)
    since = month_of(datetime.now(UTC))
    row = await (await connection.execute(USE, {"team_id": team_id, "since": since})).fetchone()
    assert row is not None  # noqa: S101  it counts
    use = Use(row["running"], int(row["running_prompts"]), int(row["used"]))
    check(limits, use, get_settings().assistant_most_tokens)


async def add(connection: Connection, which: dict[str, int], **values: object) -> Row:
    """A new message."""
    blank = {"content": "", "model": "", "prompt": 0}
    row = await (await connection.execute(ADD, {**which, **blank, **values})).fetchone()
    assert row is not None  # noqa: S101  it returns what it inserts
    return row


async def end(pool: Pool, begun: Begun, outcome: Outcome) -> Row:
    """Keep what became of an answer, and count its tokens; the same once more changes nothing.

    Answers the message as it is kept, or as it would be: its conversation may be deleted.
    """
    message_id, tokens = begun.answer["id"], outcome.tokens
    change = {
        "message_id": message_id,
        "content": outcome.content,
        "status": outcome.status,
        "error": outcome.error,
        "prompt": tokens.prompt,
        "completion": tokens.completion,
        "lost": type_of(answer_lost()),
    }
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(PATIENCE)
        which = {"team_id": begun.team_id, "message_id": message_id, "tokens": tokens.total}
        team = await (await connection.execute(LOCK_TEAM, which)).fetchone()
        kept = await (await connection.execute(END, change)).fetchone()
        if kept is not None:
            touched = {"conversation_id": kept["conversation_id"], "title": ""}
            await connection.execute(TOUCH, touched)
        if team is not None and tokens.total:
            counted = await (await connection.execute(SPEND, which)).fetchone()
            if counted is not None:
                await spend(connection, begun.team_id, counted["more"])
    gone = {
        **begun.answer,
        "content": outcome.content,
        "status": outcome.status,
        "error": outcome.error,
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "ended_at": datetime.now(UTC),
    }
    return kept or gone
