"""Answers whose process was killed: nobody ends them any more, so they are ended from outside."""

from core.assistant.problems import answer_lost, type_of
from core.env import get_settings
from core.outbox.write import Execute

# Seconds that an answer which has ended in time may take to be kept.
SLACK = 30
FAIL_LOST = """
    UPDATE assistant_message
    SET status = 'failed', error = %(error)s, prompt_tokens = 0, ended_at = clock_timestamp()
    WHERE status = 'streaming' AND (%(team_id)s::bigint IS NULL OR team_id = %(team_id)s)
      AND created_at < clock_timestamp() - %(seconds)s * interval '1 s'
"""


def lost(team_id: int | None = None) -> dict[str, object]:
    """What `FAIL_LOST` is executed with: for one team, or for all."""
    seconds = get_settings().assistant_longest_seconds + SLACK
    return {"team_id": team_id, "seconds": seconds, "error": type_of(answer_lost())}


def sweep(execute: Execute) -> None:
    """Mark them as failed."""
    execute(FAIL_LOST, lost())
