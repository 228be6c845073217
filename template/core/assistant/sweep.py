"""Answers whose process was killed: nobody ends them any more, so they are ended from outside.

The process that writes an answer says every few seconds that it does, and keeps what it has so far.
"""

from core.assistant.meter import spend
from core.assistant.problems import answer_lost, type_of
from core.outbox.write import Execute

# Seconds without a word, after which nobody writes an answer any more. Ten words are left out until
# then, as may be while a process is busy or a database changes over; and whoever asks in the same
# conversation waits no longer than a person waits.
LEASE = 30
# What came is kept and counted in the same transaction, once. Teams that are being deleted are left
# to that, and what its own process ends just now to it.
FAIL_LOST = """
    WITH lost AS MATERIALIZED (
        SELECT message.id
        FROM assistant_message AS message
        JOIN teams_team AS team ON team.id = message.team_id
        WHERE message.status = 'streaming'
          AND (%(team_id)s::bigint IS NULL OR message.team_id = %(team_id)s)
          AND coalesce(message.seen_at, message.created_at)
              < clock_timestamp() - %(seconds)s * interval '1 s'
        FOR NO KEY UPDATE OF message SKIP LOCKED
        FOR KEY SHARE OF team SKIP LOCKED
    ), failed AS (
        UPDATE assistant_message AS message
        SET status = 'failed', error = %(error)s, ended_at = clock_timestamp()
        FROM lost WHERE message.id = lost.id
        RETURNING message.id, message.team_id, prompt_tokens + completion_tokens AS tokens
    )
    INSERT INTO assistant_usage (team_id, message_id, tokens, created_at)
    SELECT team_id, id, tokens, clock_timestamp() FROM failed WHERE tokens > 0
    ON CONFLICT (message_id) DO NOTHING
    RETURNING team_id, tokens
"""


def lost(team_id: int | None = None) -> dict[str, object]:
    """What `FAIL_LOST` is executed with: for one team, or for all."""
    return {"team_id": team_id, "seconds": LEASE, "error": type_of(answer_lost())}


def sweep(execute: Execute, team_id: int | None = None) -> None:
    """Mark them as failed, and count their tokens."""
    for spender_id, tokens in execute(FAIL_LOST, lost(team_id)):
        spend(execute, spender_id, tokens)
