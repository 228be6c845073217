"""What the worker does: try to deliver, write down what came of it, and arrange what follows.

The transaction that tries holds no row while it waits for the receiver, only advisory locks, so
nobody who changes or deletes an endpoint waits along. A worker that dies in between leaves the task
as it was: the message is sent again, under the same id.
"""

import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.audit import AuditAction
from core.encryption import UnreadableSecret, decrypt
from core.env import get_settings
from core.outbox.write import Execute, enqueue
from core.outgoing.client import Answer, Client, Failed
from core.outgoing.deliveries import DELIVERED, FAILED
from core.outgoing.letters import post_disabled
from core.outgoing.noting import record
from core.outgoing.sign import signed_headers
from core.outgoing.tasks import Deliver
from core.project import project
from core.retry_after import parse_retry_after

# Seconds after each attempt that failed; the one after the last ends it, a day later.
SCHEDULE = (5, 5 * 60, 30 * 60, 2 * 3600, 4 * 3600, 8 * 3600, 10 * 3600)
MOST_ATTEMPTS = len(SCHEDULE) + 1
# Later by up to a fifth, so that what failed together does not come back together.
JITTER = 1.2
# Who says so with one of these may ask to be left alone with `Retry-After`: up to the longest of
# our waits, and until they would be over, so that nobody keeps a delivery waiting without end.
NOT_NOW = frozenset({429, 503})
LONGEST_GAP, A_DAY = max(SCHEDULE), sum(SCHEDULE)
# Who failed for so long, whatever was sent, is told nothing any more.
DEAD_AFTER = timedelta(days=5)
# At once to one endpoint, to one that fails, and to all of a team: who is slow must not keep all
# workers.
AT_ONCE, AT_ONCE_FAILING, AT_ONCE_IN_TEAM = 2, 1, 3
# What waits for its turn asks about so often for each second, however much waits; and after a
# twentieth of the time that it has waited already, if that is later, but not beyond the longest:
# so whoever waits because an endpoint asked to be left alone hears of it when that ends early.
ASKS_PER_SECOND, OF_WAITED, LONGEST_WAIT = 10, 20, 3600.0
# What could not be delivered by then never is: who takes less than happens would have a queue
# without end.
GIVE_UP_AFTER = timedelta(days=3)
GIVEN_UP = f"It was given up: for {GIVE_UP_AFTER.days} days it could not be sent."
# Dead endpoints are found by then, though the others of theirs leave a delivery no last attempt.
OVERDUE_AFTER = timedelta(days=2)

LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('outgoing_delivery', %(delivery)s))"
READ = """
    SELECT delivery.team_id, event.public_id, event.payload::text,
           endpoint.id, endpoint.url, endpoint.secret, endpoint.former_secret,
           endpoint.former_until > now(), endpoint.disabled_at IS NOT NULL,
           endpoint.disabled_reason, endpoint.failing_since IS NOT NULL,
           now() - delivery.asked_at, endpoint.quiet_until,
           coalesce(endpoint.quiet_until > now(), false) AND NOT (
               -- What a person asks for goes at once, as a test or once more.
               delivery.attempts = 0 AND (
                   event.payload -> 'test' IS NOT NULL
                   OR delivery.asked_at > delivery.created_at
               )
           )
    FROM outgoing_delivery AS delivery
    JOIN outgoing_event AS event ON event.id = delivery.event_id
    JOIN outgoing_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
    WHERE delivery.id = %(delivery)s AND delivery.status = 'pending'
      AND delivery.next_attempt_at <= now()
"""
# The first that is free. Rows come one by one, so no more locks are taken than this one.
TAKE_PLACE = """
    SELECT place FROM generate_series(1, %(places)s) AS place
    WHERE pg_try_advisory_xact_lock(hashtextextended(%(whose)s::text || place, %(id)s))
    LIMIT 1
"""
WAITING = """
    SELECT count(*) FROM (
        SELECT id FROM outgoing_delivery
        WHERE endpoint_id = %(endpoint)s AND status = 'pending' LIMIT 3000
    ) AS waiting
"""
WAIT = """
    UPDATE outgoing_delivery SET next_attempt_at = %(next)s
    WHERE id = %(delivery)s AND status = 'pending'
    RETURNING id
"""
# Here rows begin to be locked, for a moment: the delivery before its endpoint, as they are deleted.
END = """
    UPDATE outgoing_delivery
    SET status = %(status)s, attempts = attempts + %(count)s, next_attempt_at = NULL,
        ended_at = now()
    WHERE id = %(delivery)s AND status = 'pending'
    RETURNING id
"""
# The row itself says whether this was the last attempt: people may have asked anew meanwhile.
FAIL = """
    UPDATE outgoing_delivery AS delivery
    SET attempts = attempts + 1,
        (next_attempt_at, status, ended_at) = (
            SELECT following, CASE WHEN following IS NULL THEN 'failed' ELSE 'pending' END,
                   CASE WHEN following IS NULL THEN now() END
            FROM (
                SELECT CASE WHEN delivery.asked_at > %(oldest)s
                       THEN (%(moments)s::timestamptz[])[delivery.attempts + 1] END AS following
            ) AS found
        )
    WHERE id = %(delivery)s AND status = 'pending'
    RETURNING next_attempt_at
"""
GIVE_UP = """
    UPDATE outgoing_delivery
    SET status = 'failed', next_attempt_at = NULL, ended_at = now()
    WHERE id = %(delivery)s AND status = 'pending' AND asked_at <= %(oldest)s
    RETURNING id
"""
LOG = """
    INSERT INTO outgoing_attempt
        (delivery_id, started_at, duration_ms, request_headers, response_status, response_headers,
         response_body, error)
    VALUES
        (%(delivery)s, %(started_at)s, %(duration_ms)s, %(request_headers)s::jsonb, %(status)s,
         %(response_headers)s::jsonb, %(body)s, %(error)s)
"""
# What it asked for after this was sent still holds.
WORKS = """
    UPDATE outgoing_endpoint
    SET failing_since = NULL, quiet_until = nullif(quiet_until, %(known)s::timestamptz)
    WHERE id = %(endpoint)s AND (failing_since IS NOT NULL OR quiet_until = %(known)s)
"""
FAILS = """
    UPDATE outgoing_endpoint SET failing_since = now()
    WHERE id = %(endpoint)s AND failing_since IS NULL
"""
# A former address does not speak for a new one.
QUIET = """
    UPDATE outgoing_endpoint SET quiet_until = %(until)s
    WHERE id = %(endpoint)s AND url = %(url)s
      AND (quiet_until IS NULL OR quiet_until < %(until)s)
"""
SWITCH_OFF = """
    UPDATE outgoing_endpoint SET disabled_at = now(), disabled_reason = %(reason)s
    WHERE id = %(endpoint)s AND disabled_at IS NULL AND failing_since <= now() - %(failing)s
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be delivered, and where."""

    team_id: int
    public_id: str
    payload: str
    endpoint: int
    url: str
    secret: str
    former_secret: str
    former_signs: bool | None
    is_disabled: bool
    disabled_reason: str
    is_failing: bool
    waited: timedelta
    quiet_until: datetime | None
    has_to_be_quiet: bool

    @property
    def secrets(self) -> list[str]:
        """Those that sign now. Raises `UnreadableSecret`."""
        encrypted = [self.secret, self.former_secret] if self.former_signs else [self.secret]
        return [decrypt(each) for each in encrypted if each]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to."""

    started_at: datetime
    duration_ms: int
    request_headers: Mapping[str, str]
    answer: Answer | None
    error: str

    @property
    def is_success(self) -> bool:
        """Whether the receiver has it."""
        return self.answer is not None and 200 <= self.answer.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that it wants nothing any more, 410."""
        return self.answer is not None and self.answer.status == 410

    @property
    def asked_wait(self) -> float:
        """Seconds that the receiver wants to be left alone for; 0 where it does not say."""
        if self.answer is None or self.answer.status not in NOT_NOW:
            return 0.0
        return parse_retry_after(self.answer.headers.get("retry-after")) or 0.0


def usual_client() -> Client:
    """The client of this process."""
    return Client(allow_local=get_settings().webhooks_allow_local)


def deliver(execute: Execute, delivery: int, client: Client | None = None) -> None:
    """Try to deliver, if it is due and nobody is at it."""
    ((is_mine,),) = execute(LOCK, {"delivery": delivery})
    rows = execute(READ, {"delivery": delivery}) if is_mine else ()
    if not rows:
        return
    message = Message(*rows[0])
    if message.is_disabled:
        reason = f"The endpoint is switched off: {message.disabled_reason}"
        end(execute, delivery, untried(reason), FAILED, count=0)
    elif not message.has_to_be_quiet and has_place(execute, message):
        conclude(execute, delivery, message, attempt(message, client or usual_client()))
    elif message.waited >= GIVE_UP_AFTER:
        give_up(execute, delivery, datetime.now(UTC))
    else:
        wait_for_turn(execute, delivery, message)


def has_place(execute: Execute, message: Message) -> bool:
    """Whether fewer are at work for the team and for the endpoint than may be; then one more is."""
    of_endpoint = AT_ONCE_FAILING if message.is_failing else AT_ONCE
    wanted = (
        ("outgoing_team", message.team_id, AT_ONCE_IN_TEAM),
        ("outgoing_endpoint", message.endpoint, of_endpoint),
    )
    return all(
        execute(TAKE_PLACE, {"whose": f"{whose} ", "id": number, "places": places})
        for whose, number, places in wanted
    )


def attempt(message: Message, client: Client) -> Outcome:
    """Send it once."""
    now, began = datetime.now(UTC), time.monotonic()
    headers: dict[str, str] = {}
    answer, error = None, ""
    body = message.payload.encode()
    try:
        headers = {
            "content-type": "application/json",
            "user-agent": f"{project.slug}-webhooks",
            **signed_headers(message.secrets, message.public_id, int(now.timestamp()), body),
        }
        answer = client.post(message.url, headers, body)
    except UnreadableSecret:
        error = "The secret cannot be read any more: make a new one."
    except Failed as failed:
        error = str(failed)
    duration = round((time.monotonic() - began) * 1000)
    return Outcome(now, duration, headers, answer, error or error_of(answer))


def error_of(answer: Answer | None) -> str:
    """Why an answer is no success; empty for one that is."""
    if answer is None or 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return f"It answered {answer.status}, and redirects are not followed."
    return f"It answered {answer.status}."


def conclude(execute: Execute, delivery: int, message: Message, outcome: Outcome) -> None:
    """Write down what came of an attempt, unless the delivery was deleted, and what follows."""
    if outcome.is_success:
        if end(execute, delivery, outcome, DELIVERED):
            execute(WORKS, {"endpoint": message.endpoint, "known": message.quiet_until})
        return
    attempts = () if outcome.is_gone else range(1, MOST_ATTEMPTS)
    quiet = quiet_for(outcome.asked_wait, message.waited.total_seconds())
    quiet_until = after(quiet)
    moments = [after(delay_after(number, quiet)) for number in attempts]
    oldest = datetime.now(UTC) - GIVE_UP_AFTER
    rows = execute(FAIL, {"delivery": delivery, "moments": moments, "oldest": oldest})
    if not rows:
        return
    write_down(execute, delivery, outcome)
    execute(FAILS, {"endpoint": message.endpoint})
    if quiet:
        leave_alone(execute, message, quiet_until)
    following = rows[0][0]
    if following is not None:
        enqueue(execute, Deliver(delivery=delivery), run_at=following, team_id=message.team_id)
    if outcome.is_gone:
        switch_off(execute, message, "It answered 410 Gone.", timedelta())
    elif following is None or message.waited > OVERDUE_AFTER:
        reason = f"Nothing could be delivered for {DEAD_AFTER.days} days."
        switch_off(execute, message, reason, DEAD_AFTER)


def leave_alone(execute: Execute, message: Message, until: datetime) -> None:
    """Send nothing to the endpoint until then, but for what a person asks for."""
    execute(QUIET, {"endpoint": message.endpoint, "url": message.url, "until": until})


def switch_off(execute: Execute, message: Message, reason: str, failing: timedelta) -> None:
    """Tell an endpoint nothing more that failed for so long, and its people why. Once."""
    which = {"endpoint": message.endpoint, "reason": reason, "failing": failing}
    if execute(SWITCH_OFF, which):
        action = AuditAction.WEBHOOK_DISABLED
        record(execute, action, message.team_id, message.endpoint, message.url, reason=reason)
        post_disabled(execute, message.team_id, message.url, reason)


def end(execute: Execute, delivery: int, outcome: Outcome, status: str, *, count: int = 1) -> bool:
    """Note that it is over, and what was tried; False if somebody deleted it meanwhile."""
    is_ended = bool(execute(END, {"delivery": delivery, "status": status, "count": count}))
    if is_ended:
        write_down(execute, delivery, outcome)
    return is_ended


def give_up(execute: Execute, delivery: int, now: datetime) -> None:
    """Let it end if it was asked for so long ago, and say so where people look."""
    if execute(GIVE_UP, {"delivery": delivery, "oldest": now - GIVE_UP_AFTER}):
        write_down(execute, delivery, untried(GIVEN_UP))


def untried(reason: str) -> Outcome:
    """What comes of what is not sent."""
    return Outcome(datetime.now(UTC), 0, {}, None, reason)


def write_down(execute: Execute, delivery: int, outcome: Outcome) -> None:
    """Keep what was tried, for people to read."""
    answer = outcome.answer
    execute(
        LOG,
        {
            "delivery": delivery,
            "started_at": outcome.started_at,
            "duration_ms": outcome.duration_ms,
            "request_headers": json.dumps(dict(outcome.request_headers)),
            "status": answer.status if answer else None,
            "response_headers": json.dumps(dict(answer.headers) if answer else {}),
            "body": answer.body if answer else "",
            "error": outcome.error[:500],
        },
    )


def wait_for_turn(execute: Execute, delivery: int, message: Message) -> None:
    """Come again later: the endpoint asked for quiet, or as many are at work for it as may be."""
    waiting = int(execute(WAITING, {"endpoint": message.endpoint})[0][0])
    following = next_turn(message, max(2.0, waiting / ASKS_PER_SECOND))
    if execute(WAIT, {"delivery": delivery, "next": following}):
        enqueue(execute, Deliver(delivery=delivery), run_at=following, team_id=message.team_id)


def next_turn(message: Message, spread: float) -> datetime:
    """When to ask again; `spread` are the seconds that all who wait need to ask once."""
    if message.has_to_be_quiet and message.quiet_until is not None:
        ends = min(message.quiet_until, after(LONGEST_WAIT))
        return ends + timedelta(seconds=spread * random.random())  # noqa: S311
    seconds = max(spread, message.waited.total_seconds() / OF_WAITED)
    return after(min(seconds, LONGEST_WAIT) * random.uniform(0.5, 1.5))  # noqa: S311


def quiet_for(asked: float, waited: float) -> float:
    """Seconds to leave an endpoint alone that asks for so many, when its delivery is so old."""
    return max(0.0, min(asked, LONGEST_GAP, A_DAY - waited))


def delay_after(attempts: int, quiet: float = 0.0) -> float:
    """Seconds to wait after so many attempts that failed; no fewer than those of quiet."""
    return max(SCHEDULE[attempts - 1], quiet) * random.uniform(1, JITTER)  # noqa: S311


def after(seconds: float) -> datetime:
    """The moment so many seconds from now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)
