"""What is asked about conversations, in plain SQL. Who asks is in each question.

What begins and ends an answer is in `answers.py`.
"""

from typing import Any

from psycopg import sql

from core.assistant.problems import already_answering
from core.assistant.sweep import LEASE
from core.problems import not_found
from service.assistant.lost import fail_lost, fail_lost_now
from service.pool import Pool, Row
from service.teams.dependencies import TeamAccess

# Of the newest messages: a conversation that is longer shows what came last.
MOST_MESSAGES = 500
CONVERSATION = "id, title, created_at, updated_at"
MESSAGE = """
    id, conversation_id, role, content, status, error, model, prompt_tokens, completion_tokens,
    created_at, ended_at
"""
LIST = sql.SQL(f"""
    SELECT {CONVERSATION} FROM assistant_conversation
    WHERE team_id = %(team_id)s AND user_id = %(user_id)s
      AND (%(after)s::bigint IS NULL OR id < %(after)s)
    ORDER BY id DESC LIMIT %(most)s
""")  # noqa: S608  names of ours
CREATE = sql.SQL(f"""
    INSERT INTO assistant_conversation (team_id, user_id, title, created_at, updated_at)
    VALUES (%(team_id)s, %(user_id)s, %(title)s, now(), now())
    RETURNING {CONVERSATION}
""")  # noqa: S608  names of ours
ONE = sql.SQL(f"""
    SELECT {CONVERSATION} FROM assistant_conversation
    WHERE id = %(conversation_id)s AND team_id = %(team_id)s AND user_id = %(user_id)s
""")  # noqa: S608  names of ours
LOCK = sql.SQL("{} FOR UPDATE").format(ONE)
MESSAGES = sql.SQL(f"""
    SELECT * FROM (
        SELECT {MESSAGE} FROM assistant_message WHERE conversation_id = %(conversation_id)s
        ORDER BY id DESC LIMIT %(most)s
    ) AS newest ORDER BY id
""")  # noqa: S608  names of ours
# Both of an exchange. A question stands before its answer.
EXCHANGE = sql.SQL(f"""
    SELECT {MESSAGE} FROM assistant_message
    WHERE id <= %(message_id)s AND conversation_id = (
        SELECT conversation.id FROM assistant_conversation AS conversation
        WHERE conversation.id = %(conversation_id)s
          AND conversation.team_id = %(team_id)s AND conversation.user_id = %(user_id)s
    )
    ORDER BY id DESC LIMIT 2
""")  # noqa: S608  names of ours
DELETE_MESSAGES = sql.SQL("""
    DELETE FROM assistant_message WHERE conversation_id = %(conversation_id)s
""")
DELETE = sql.SQL("DELETE FROM assistant_conversation WHERE id = %(conversation_id)s")
ANSWERING = sql.SQL("""
    SELECT FROM assistant_message
    WHERE conversation_id = %(conversation_id)s AND status = 'streaming'
""")
# How far it is, from the letters on that somebody has.
PROGRESS = sql.SQL(f"""
    SELECT status, substr(content, %(letters)s + 1) AS more,
           coalesce(seen_at, created_at) < clock_timestamp() - {LEASE} * interval '1 s' AS is_lost
    FROM assistant_message WHERE id = %(message_id)s
""")  # noqa: S608  a number of ours
ASK_TO_STOP = sql.SQL("""
    UPDATE assistant_message SET stop_asked = true
    WHERE id = %(message_id)s AND status = 'streaming' AND NOT stop_asked
""")


async def conversations(pool: Pool, team: TeamAccess, after: int | None, most: int) -> list[Row]:
    """The caller's own, the newest first, from one on."""
    return await rows(pool, LIST, **mine(team), after=after, most=most)


async def create(pool: Pool, team: TeamAccess, title: str) -> Row:
    """A new one."""
    return (await rows(pool, CREATE, **mine(team), title=title))[0]


async def one(pool: Pool, team: TeamAccess, conversation_id: int) -> Row:
    """One of the caller's own; raises 404."""
    found = await rows(pool, ONE, **mine(team), conversation_id=conversation_id)
    if not found:
        raise not_found("conversation")
    return found[0]


async def messages(pool: Pool, conversation_id: int) -> list[Row]:
    """What was said, the oldest first; the caller knows whose conversation it is."""
    return await rows(pool, MESSAGES, conversation_id=conversation_id, most=MOST_MESSAGES)


async def exchange(
    pool: Pool, team: TeamAccess, conversation_id: int, message_id: int
) -> tuple[Row, Row]:
    """The question and the answer of this id; raises 404 if it is none of the caller's."""
    which = {"conversation_id": conversation_id, "message_id": message_id}
    found = await rows(pool, EXCHANGE, **mine(team), **which)
    if [each["role"] for each in found] != ["assistant", "user"] or found[0]["id"] != message_id:
        raise not_found("answer")
    answer, question = found
    return question, answer


async def progress(pool: Pool, team: TeamAccess, message_id: int, letters: int) -> str | None:
    """What is kept of an answer behind so many letters; None once nobody writes it any more."""
    found = await rows(pool, PROGRESS, message_id=message_id, letters=letters)
    if not found or found[0]["status"] != "streaming":
        return None
    if found[0]["is_lost"]:
        await fail_lost_now(pool, team.id)
    return str(found[0]["more"])


async def ask_to_stop(pool: Pool, team: TeamAccess, conversation_id: int, message_id: int) -> Row:
    """Let whichever process writes an answer end it; raises 404. Answers it as it is kept."""
    await exchange(pool, team, conversation_id, message_id)
    async with pool.connection() as connection, connection.transaction():
        await fail_lost(connection, team.id)
        await connection.execute(ASK_TO_STOP, {"message_id": message_id})
    _, answer = await exchange(pool, team, conversation_id, message_id)
    return answer


async def delete(pool: Pool, team: TeamAccess, conversation_id: int) -> None:
    """Delete one with all that was said in it; what it took stays counted.

    Raises 404, and 409 while an answer is written in it: that one has to count for the team's
    limits until it has ended.
    """
    which = {**mine(team), "conversation_id": conversation_id}
    async with pool.connection() as connection, connection.transaction():
        # Nobody asks in it any more; who asks meanwhile finds it gone.
        if await (await connection.execute(LOCK, which)).fetchone() is None:
            raise not_found("conversation")
        await fail_lost(connection, team.id)
        if await (await connection.execute(ANSWERING, which)).fetchone() is not None:
            raise already_answering()
        await connection.execute(DELETE_MESSAGES, which)
        await connection.execute(DELETE, which)


def mine(team: TeamAccess) -> dict[str, int]:
    """Whose it has to be."""
    return {"team_id": team.id, "user_id": team.caller.id}


async def rows(pool: Pool, query: sql.SQL | sql.Composed, **parameters: Any) -> list[Row]:
    """The rows of a statement that commits by itself."""
    async with pool.connection() as connection:
        return await (await connection.execute(query, parameters)).fetchall()
