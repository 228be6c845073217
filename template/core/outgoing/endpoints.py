"""The endpoints of a team: where its customers' programs listen, and for what.

Every function is told the team, and raises 404 for the endpoint of another.
"""

import base64
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import starmap
from typing import Any

from core.encryption import encrypt
from core.env import get_settings
from core.outbox.write import Execute
from core.outgoing.addresses import RefusedAddress, normal
from core.outgoing.events import EVENTS
from core.problems import invalid, not_found
from core.teams.rules import check_bound

MOST_ENDPOINTS = 10  # of one team
LONGEST_DESCRIPTION = 200
# How long the former secret signs too, so that receivers can be changed without a gap.
ROTATION = timedelta(hours=24)
SWITCHED_OFF = "Switched off by hand."

COLUMNS = """
    id, team_id, url, description, event_types, former_until, disabled_at, disabled_reason,
    failing_since, created_at, updated_at
"""
# Of two who make the last one only one does. Who writes rows of the team is not kept waiting.
LOCK_TEAM = "SELECT id FROM teams_team WHERE id = %(team_id)s FOR NO KEY UPDATE"
COUNT = "SELECT count(*) FROM outgoing_endpoint WHERE team_id = %(team_id)s"
LIST = f"SELECT {COLUMNS} FROM outgoing_endpoint WHERE team_id = %(team_id)s ORDER BY id"  # noqa: S608
GET = f"""
    SELECT {COLUMNS} FROM outgoing_endpoint WHERE id = %(id)s AND team_id = %(team_id)s
"""  # noqa: S608  names of ours
INSERT = f"""
    INSERT INTO outgoing_endpoint
        (team_id, url, description, event_types, secret, former_secret, disabled_reason,
         created_at, updated_at)
    VALUES
        (%(team_id)s, %(url)s, %(description)s, %(event_types)s::text[], %(secret)s, '', '',
         now(), now())
    RETURNING {COLUMNS}
"""  # noqa: S608  names of ours
# Another address has not failed yet, nor asked for quiet.
UPDATE = f"""
    UPDATE outgoing_endpoint
    SET url = coalesce(%(url)s, url), description = coalesce(%(description)s, description),
        event_types = coalesce(%(event_types)s::text[], event_types), updated_at = now(),
        failing_since = CASE WHEN %(url)s::text <> url THEN NULL ELSE failing_since END,
        quiet_until = CASE WHEN %(url)s::text <> url THEN NULL ELSE quiet_until END
    WHERE id = %(id)s AND team_id = %(team_id)s
    RETURNING {COLUMNS}
"""  # noqa: S608  names of ours
ROTATE = f"""
    UPDATE outgoing_endpoint
    SET former_secret = secret, former_until = %(until)s, secret = %(secret)s, updated_at = now()
    WHERE id = %(id)s AND team_id = %(team_id)s
    RETURNING {COLUMNS}
"""  # noqa: S608  names of ours
ENABLE = f"""
    UPDATE outgoing_endpoint
    SET disabled_at = NULL, disabled_reason = '', failing_since = NULL, quiet_until = NULL,
        updated_at = now()
    WHERE id = %(id)s AND team_id = %(team_id)s
    RETURNING {COLUMNS}
"""  # noqa: S608  names of ours
DISABLE = f"""
    UPDATE outgoing_endpoint
    SET disabled_reason = CASE WHEN disabled_at IS NULL THEN %(reason)s ELSE disabled_reason END,
        disabled_at = coalesce(disabled_at, now()), updated_at = now()
    WHERE id = %(id)s AND team_id = %(team_id)s
    RETURNING {COLUMNS}
"""  # noqa: S608  names of ours
# Deliveries go first, as workers lock them. Foreign keys are looked at at the commit.
DELETE_DELIVERIES = """
    DELETE FROM outgoing_delivery WHERE endpoint_id = %(id)s AND team_id = %(team_id)s RETURNING id
"""
DELETE = "DELETE FROM outgoing_endpoint WHERE id = %(id)s AND team_id = %(team_id)s"
DELETE_ATTEMPTS = "DELETE FROM outgoing_attempt WHERE delivery_id = ANY(%(deliveries)s::bigint[])"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, without its secrets.

    Parameters
    ----------
    event_types
        What it is told of; empty for everything.
    former_until
        Until when the former secret signs too.
    disabled_at, disabled_reason
        Since when it is told nothing, and why.
    failing_since
        When the first delivery to its address failed, if none succeeded since.
    """

    id: int
    team_id: int
    url: str
    description: str
    event_types: tuple[str, ...]
    former_until: datetime | None
    disabled_at: datetime | None
    disabled_reason: str
    failing_since: datetime | None
    created_at: datetime
    updated_at: datetime


def list_endpoints(execute: Execute, team_id: int) -> list[Endpoint]:
    """All of a team, the oldest first; there are few."""
    return found(execute(LIST, {"team_id": team_id}))


def get_endpoint(execute: Execute, team_id: int, endpoint_id: int) -> Endpoint:
    """One of a team."""
    return one(execute(GET, {"id": endpoint_id, "team_id": team_id}))


def create_endpoint(
    execute: Execute,
    team_id: int,
    *,
    url: str,
    description: str = "",
    event_types: Iterable[str] = (),
) -> tuple[Endpoint, str]:
    """Make an endpoint; answers it with its secret, which is known only now.

    Raises 422 for an address where no webhook may go or a type that is none, and 409 for too many.
    """
    parameters = {
        "team_id": team_id,
        "url": checked_url(url),
        "description": description,
        "event_types": checked_types(event_types),
    }
    if not execute(LOCK_TEAM, {"team_id": team_id}):
        raise not_found("team")
    count = int(execute(COUNT, {"team_id": team_id})[0][0])
    check_bound(count, MOST_ENDPOINTS, "webhook endpoints")
    secret = new_secret()
    return one(execute(INSERT, {**parameters, "secret": encrypt(secret)})), secret


def update_endpoint(
    execute: Execute,
    team_id: int,
    endpoint_id: int,
    *,
    url: str | None = None,
    description: str | None = None,
    event_types: Iterable[str] | None = None,
) -> Endpoint:
    """Change what is not None; raises 422 as `create_endpoint` does."""
    parameters = {
        "id": endpoint_id,
        "team_id": team_id,
        "url": None if url is None else checked_url(url),
        "description": description,
        "event_types": None if event_types is None else checked_types(event_types),
    }
    return one(execute(UPDATE, parameters))


def delete_endpoint(execute: Execute, team_id: int, endpoint_id: int) -> None:
    """Delete an endpoint with all that is known of its deliveries."""
    get_endpoint(execute, team_id, endpoint_id)
    which = {"id": endpoint_id, "team_id": team_id}
    gone = list(execute(DELETE_DELIVERIES, which))
    # This waits for whoever is about to tell it of something; what they wrote goes, too.
    execute(DELETE, which)
    gone += execute(DELETE_DELIVERIES, which)
    execute(DELETE_ATTEMPTS, {"deliveries": [delivery for (delivery,) in gone]})


def rotate_secret(execute: Execute, team_id: int, endpoint_id: int) -> tuple[Endpoint, str]:
    """Give it a new secret, which is known only now; the former one signs too for a day."""
    secret = new_secret()
    parameters = {
        "id": endpoint_id,
        "team_id": team_id,
        "secret": encrypt(secret),
        "until": datetime.now(UTC) + ROTATION,
    }
    return one(execute(ROTATE, parameters)), secret


def enable_endpoint(execute: Execute, team_id: int, endpoint_id: int) -> Endpoint:
    """Tell it of what happens again; what happened meanwhile it is not told."""
    return one(execute(ENABLE, {"id": endpoint_id, "team_id": team_id}))


def disable_endpoint(
    execute: Execute, team_id: int, endpoint_id: int, reason: str = SWITCHED_OFF
) -> Endpoint:
    """Tell it nothing any more, until it is switched on again."""
    return one(execute(DISABLE, {"id": endpoint_id, "team_id": team_id, "reason": reason}))


def new_secret() -> str:
    """A secret as Standard Webhooks wants it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def checked_url(url: str) -> str:
    """The address as it is stored; raises 422."""
    try:
        return normal(url, allow_local=get_settings().webhooks_allow_local)
    except RefusedAddress as refused:
        raise invalid([("#/url", str(refused))]) from None


def checked_types(types: Iterable[str]) -> list[str]:
    """The types, each once, in their order; raises 422 for one that is none."""
    wanted = list(dict.fromkeys(types))
    if unknown := [each for each in wanted if each not in EVENTS]:
        raise invalid([("#/event_types", f"There is no type {unknown[0]!r}.")])
    return wanted


def found(rows: Sequence[Sequence[Any]]) -> list[Endpoint]:
    """The endpoints of rows of `COLUMNS`."""
    return [replace(each, event_types=tuple(each.event_types)) for each in starmap(Endpoint, rows)]


def one(rows: Sequence[Sequence[Any]]) -> Endpoint:
    """The endpoint of the only row; raises 404 if there is none."""
    if not rows:
        raise not_found("webhook endpoint")
    return found(rows)[0]
