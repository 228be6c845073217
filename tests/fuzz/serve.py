"""Runs in a generated project: serves its API from a new database, with somebody to call it.

    python -m sandbox.testing python serve.py PORT

prints one line of JSON: the tokens, and the ids of what there is. SQL serves every stack, because
they all have the same tables.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from core.env import get_settings
from core.outgoing import desk
from core.outgoing.schemas import NewWebhook
from core.tokens import digest, new_token
from sandbox.processes import MIGRATE, PROGRAMS
from sandbox.stripe.thread import start

# The budgets of callers are for callers, not for this many requests.
APPLICATION = """
from core.api import limits
limits.CALLS = limits.INVITATIONS = limits.Budget("fuzz", amount=10**9, seconds=3600)
from {module} import {name} as application
"""
USER = """
    INSERT INTO accounts_user
        (password, is_superuser, email, name, is_staff, is_active, date_joined)
    VALUES ('!', false, %s, 'Ann', false, true, now()) RETURNING id
"""
ADDRESS = """
    INSERT INTO account_emailaddress (email, verified, "primary", user_id)
    VALUES (%s, true, true, %s)
"""
TOKEN = """
    INSERT INTO accounts_accesstoken
        (user_id, kind, digest, session_digest, user_agent, created_at, expires_at)
    VALUES (%s, 'session', %s, '', '', now(), now() + interval '1 day')
"""
TEAM = "INSERT INTO teams_team (name, created_at) VALUES (%s, now()) RETURNING id"
MEMBER = """
    INSERT INTO teams_membership (team_id, user_id, role, created_at) VALUES (%s, %s, %s, now())
"""
INVITATION = """
    INSERT INTO teams_invitation (team_id, email, role, invited_by_id, created_at, expires_at)
    VALUES (%s, %s, 'member', %s, now(), now() + interval '7 days') RETURNING id
"""
KEY = """
    INSERT INTO teams_apikey (team_id, name, prefix, digest, scopes, created_by_id, created_at)
    VALUES (%s, 'Key', %s, %s, '{read,write}', %s, now()) RETURNING id
"""


def furnish(database: psycopg.Connection) -> dict[str, object]:
    """An owner, a second owner, a member, and one of everything; the tokens and the ids."""

    def insert(statement: str, *values: object) -> int:
        (row_id,) = database.execute(statement, values).fetchone() or (0,)
        return row_id

    people = []
    for name in ("owner", "partner", "member", "host"):
        user_id = insert(USER, f"{name}@example.com")
        database.execute(ADDRESS, (f"{name}@example.com", user_id))
        people.append(user_id)
    owner, partner, member, host = people
    team, other = insert(TEAM, "Acme"), insert(TEAM, "Globex")
    for team_id, user_id, role in (
        (team, owner, "owner"),
        (team, partner, "owner"),
        (team, member, "member"),
        (other, host, "owner"),
    ):
        database.execute(MEMBER, (team_id, user_id, role))
    token, key = new_token("session"), new_token("key")
    database.execute(TOKEN, (owner, digest(token)))

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        cursor = database.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else ()

    webhook = desk.create_webhook(execute, team, NewWebhook(url="https://hooks.example.com/"))
    return {
        "token": token,
        "key": key,
        "api_key_id": insert(KEY, team, key[:10], digest(key), owner),
        "team_id": team,
        "user_id": member,
        "invitation_id": insert(INVITATION, team, "guest@example.com", owner),
        "webhook_id": webhook.id,
        "delivery_id": desk.send_test(execute, team, webhook.id, "webhook.test").id,
    }


def main(port: str) -> None:
    subprocess.run(shlex.split(MIGRATE), check=True)
    with psycopg.connect(get_settings().database_url) as database:
        seeded = furnish(database)
    (program,) = (each for each in PROGRAMS if each.name in ("web", "service"))
    *command, application = shlex.split(program.command.format(port=port))
    module, name = application.split(":")
    Path("fuzzed.py").write_text(APPLICATION.format(module=module, name=name))
    # Whatever is bought or changed, is so in the sandbox.
    with start() as stripe:
        os.environ |= {
            "STRIPE_API_BASE": stripe.url,
            "STRIPE_SECRET_KEY": stripe.secret_key,
            "STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
        }
        subprocess.run([sys.executable, "-m", "core.billing.sync"], check=True)
        print(json.dumps(seeded), flush=True)
        subprocess.run([*command, "fuzzed:application"], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
