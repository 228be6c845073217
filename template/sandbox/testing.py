"""Throwaway servers for one command or one test run.

    python -m sandbox.testing COMMAND ARGUMENT...

runs a command that needs settings or a database, with fresh servers that are gone afterwards.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from core.env import Settings
from core.product.env import ProductSettings
from sandbox.children import Children
from sandbox.mailbox.thread import Mailbox, mailbox_in_thread
from sandbox.postgres import start_postgres
from sandbox.server import ServerStartError
from sandbox.valkey import start_valkey


@dataclass(frozen=True)
class TestServers:
    """Servers for tests, and the environment that points the product at them."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    environment: dict[str, str]
    mailbox: Mailbox


@contextlib.contextmanager
def servers_for_tests() -> Iterator[TestServers]:
    """Start PostgreSQL, Valkey and a mailbox on free ports; end them and their data afterwards.

    TEST_DATABASE_URL and TEST_REDIS_URL name servers to use instead.
    """
    database_url = os.environ.get("TEST_DATABASE_URL")
    redis_url = os.environ.get("TEST_REDIS_URL")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="test-servers-")))
        children = stack.enter_context(Children())
        children.remove_at_end(folder)
        with ThreadPoolExecutor() as pool:
            postgres = valkey = None
            if database_url is None:
                postgres = pool.submit(start_postgres, children, folder / "postgres", careless=True)
            if redis_url is None:
                valkey = pool.submit(start_valkey, children, folder / "valkey", careless=True)
        mailbox, smtp_url = stack.enter_context(mailbox_in_thread(folder / "mail"))
        environment = {
            **without_those_of_this_shell(),
            "ENVIRONMENT": "test",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": postgres.result().url if postgres else database_url or "",
            "REDIS_URL": valkey.result().url if valkey else redis_url or "",
            "SMTP_URL": smtp_url,
            "ORIGIN": "http://testserver",
            "TRUSTED_PROXY_COUNT": "0",
            # Whatever `.env` says: tests read the logs of processes.
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "INFO",
            # Tests hash many passwords; the strength of the hash is not what they look at.
            "PASSWORD_MEMORY_KIB": "8",
            "PASSWORD_TIME_COST": "1",
        }
        yield TestServers(environment, mailbox)


def without_those_of_this_shell() -> dict[str, str]:
    """Every variable of the template's, empty, which is unset: tests must not reach what is real.

    Those of the product are left to you.
    """
    names = Settings.model_fields.keys() - ProductSettings.model_fields.keys()
    return dict.fromkeys(map(str.upper, sorted(names)), "")


def main() -> int:
    """Run the command of the command line and answer its exit status."""
    command = sys.argv[1:]
    if not command:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        with servers_for_tests() as servers:
            return subprocess.call(command, env={**os.environ, **servers.environment})
    except ServerStartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except FileNotFoundError as error:
        sys.stderr.write(f"{error.filename}: no such command\n")
        return 127
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
