"""Everything that bills: Stripe's sandbox, a mailbox, servers and the product's processes."""

import contextlib
import shlex
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from core.billing.catalog import CATALOG
from core.billing.entitlements import Entitlements
from core.billing.plans import Names
from core.billing.state import CURRENT_SUBSCRIPTION, entitlements_from
from core.billing.sync import Sync
from core.origin import process_for
from core.outbox import Enqueue, Task
from core.outbox.write import INSERT
from core.project import project
from sandbox.children import Children
from sandbox.mailbox.thread import Mailbox, mailbox_in_thread
from sandbox.plain import NO_TLS
from sandbox.ports import free_port
from sandbox.postgres import start_postgres
from sandbox.processes import PROGRAMS
from sandbox.stripe import thread
from sandbox.stripe.thread import RunningStripe
from sandbox.valkey import start_valkey
from tests.killable import PYTHON, Killable

WORKER = (
    *("celery", "--quiet", "-A", "tests.billing.worker", "worker", "--loglevel=INFO"),
    *("--concurrency=2", "--without-gossip", "--without-mingle"),
)
# Those that answer HTTP have a port each, which they keep when they come back.
SERVERS = tuple(program for program in PROGRAMS if program.answers)
# Seconds until a delivery that failed is tried again: some process will have come back.
RETRIES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0)
NOTHING_LEFT = """
    SELECT NOT EXISTS (SELECT FROM outbox_message WHERE done_at IS NULL)
       AND NOT EXISTS (SELECT FROM webhooks_event WHERE processed_at IS NULL)
"""
EMPTY = """
    LOCK TABLE outbox_message;
    TRUNCATE outbox_message, outbox_deadletter, webhooks_event, billing_customer, accounts_user,
             teams_team CASCADE
"""


@dataclass(kw_only=True)
class World(Killable):
    """A product that is sold, and Stripe, who knows its customers."""

    ports: Mapping[str, int]
    stripe: RunningStripe
    mailbox: Mailbox
    smtp_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see."""
        return {
            **super().environment,
            "ORIGIN": self.url("/"),
            "SMTP_URL": self.smtp_url,
            "STRIPE_SECRET_KEY": self.stripe.secret_key,
            "STRIPE_WEBHOOK_SECRET": self.stripe.webhook_secret,
            "STRIPE_API_BASE": self.stripe.url,
        }

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        """How each process is started."""
        servers = {
            each.name: tuple(shlex.split(each.command.format(port=self.ports[each.name])))
            for each in SERVERS
        }
        return {
            **servers,
            "worker": (*PYTHON, *WORKER),
            "relay": (*PYTHON, "tests.billing.relay"),
        }

    def url(self, path: str) -> str:
        """Where a path is answered."""
        return address(self.ports, path)

    def start_all(self) -> None:
        """Start whatever does not run, and wait until the servers answer."""
        for name, command in self.commands.items():
            if name not in self.processes:
                self.keep(name, *command)
        self.wait(self.answers)

    def answers(self) -> bool:
        """Whether every server does."""
        try:
            for port in self.ports.values():
                httpx.get(f"http://127.0.0.1:{port}/healthz", verify=NO_TLS).raise_for_status()
        except httpx.HTTPError:
            return False
        return True

    def empty(self) -> None:
        """Forget everybody; at Stripe nothing happens to them any more."""
        client = self.stripe.client()
        for each in client.v1.subscriptions.list({"limit": 100}).auto_paging_iter():
            client.v1.subscriptions.cancel(each.id)
        self.stripe.deliveries.wait(60)
        self.query(EMPTY)
        self.mailbox.clear()

    # ------------------------------------------------------------------------------------ looking
    def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.fromtimestamp(self.stripe.now(), UTC)

    def rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a statement, which commits."""
        with psycopg.connect(
            self.postgres.url, autocommit=True, row_factory=dict_row
        ) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def entitlements(self, team_id: int) -> Entitlements:
        """What a team may do at the sandbox's time, by the product's own rows and rules."""
        with psycopg.connect(self.postgres.url) as connection:
            rows = connection.execute(CURRENT_SUBSCRIPTION.encode(), {"team_id": team_id})
            return entitlements_from(rows.fetchall(), self.now())

    # ------------------------------------------------------------------------------------- acting
    def enqueue(self, task: Task) -> None:
        """Ask for a task, as a schedule does."""
        self.rows(INSERT, **Enqueue(task).parameters)

    def settle(self) -> None:
        """Wait until every event is delivered and no work is left."""
        self.stripe.deliveries.wait(60)
        self.wait(lambda: bool(self.query(NOTHING_LEFT)[0][0]))


def address(ports: Mapping[str, int], path: str) -> str:
    """Where a path is answered, without a slash at its end."""
    return f"http://127.0.0.1:{ports[process_for(path)]}{path}".rstrip("/")


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world with the plans at Stripe, tables with nobody in them, and everything running."""
    ports = {each.name: free_port() for each in SERVERS}
    with contextlib.ExitStack() as stack:
        children = stack.enter_context(Children())
        with ThreadPoolExecutor() as pool:
            postgres = pool.submit(start_postgres, children, folder / "postgres")
            valkey = pool.submit(start_valkey, children, folder / "valkey", careless=True)
        mailbox, smtp_url = stack.enter_context(mailbox_in_thread(folder / "mail"))
        webhook = address(ports, "/webhooks/stripe")
        stripe = stack.enter_context(thread.start(webhook=webhook, retries=RETRIES))
        made = World(
            folder,
            children,
            postgres.result(),
            valkey.result(),
            ports=ports,
            stripe=stripe,
            mailbox=mailbox,
            smtp_url=smtp_url,
        )
        stack.callback(made.kill_all)
        # They take as long to start as the tables to be made.
        for name in (*ports, "worker"):
            made.keep(name, *made.commands[name])
        made.migrate()
        Sync(stripe.client(), CATALOG, Names(project.slug)).run()
        made.start_all()
        yield made
    # What the processes logged stays for who looks why a test failed.
    shutil.rmtree(folder / "postgres")
