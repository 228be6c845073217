"""Servers start anywhere, keep what they promise to keep, and leave nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from sandbox.children import Children
from sandbox.postgres import end_leftover, find_binaries, start_postgres
from sandbox.server import ServerStartError
from tests import PATIENCE
from tests.sandbox.gone import assert_gone, is_ended


@pytest.fixture
def children() -> Iterator[Children]:
    """Processes that are gone when the test is over."""
    with Children() as children:
        yield children


def test_command_has_servers_that_are_gone_afterwards() -> None:
    script = (
        "import os, psutil, psycopg, sys\n"
        "psycopg.connect(os.environ['DATABASE_URL']).close()\n"
        "print(*(p.pid for p in psutil.Process().parent().children(recursive=True)))\n"
        "sys.exit(3)"
    )
    command = [sys.executable, "-m", "sandbox.testing", sys.executable, "-c", script]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=PATIENCE)
    assert ran.returncode == 3, "the status of the command is passed on"
    pids = [int(pid) for pid in ran.stdout.split()]
    assert len(pids) > 3
    assert not [pid for pid in pids if psutil.pid_exists(pid) and not is_ended(psutil.Process(pid))]


def test_what_a_shell_says_leads_no_test_to_what_is_real() -> None:
    script = "from core.env import get_settings as s; print(s().oidc_issuer, s().support_email)"
    shell = {"OIDC_ISSUER": "https://real.example.com", "SUPPORT_EMAIL": "help@example.com"}
    ran = subprocess.run(
        [sys.executable, "-m", "sandbox.testing", sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env={**os.environ, **shell},
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    # The product's own variables are left alone.
    assert ran.stdout == " help@example.com\n"


def test_servers_and_data_are_gone_after_a_hard_kill() -> None:
    script = "import os; print(os.environ['DATABASE_URL'], flush=True); input()"
    runner = subprocess.Popen(
        [sys.executable, "-m", "sandbox.testing", sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with runner:
        assert runner.stdout is not None
        assert runner.stdout.readline().startswith("postgresql://")
        family = psutil.Process(runner.pid).children(recursive=True)
        arguments = [argument for process in family for argument in process.cmdline()]
        data = next(Path(argument) for argument in arguments if argument.endswith("postgres/data"))
        assert data.exists()
        runner.kill()
    assert_gone(family)
    assert not data.exists()


def test_database_survives_a_hard_kill(children: Children, tmp_path: Path) -> None:
    first = start_postgres(children, tmp_path)
    with psycopg.connect(first.url) as connection:
        connection.execute("CREATE TABLE kept (it int)")
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert (tmp_path / "data" / "postmaster.pid").exists()
    second = start_postgres(children, tmp_path)
    assert second.url.partition("@")[0] == first.url.partition("@")[0], "the password is kept"
    with psycopg.connect(second.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_start_that_was_killed_half_way_is_made_again(children: Children, tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "PG_VERSION").write_text("18\n")
    server = start_postgres(children, tmp_path, careless=True)
    psycopg.connect(server.url).close()


def test_stranger_with_the_pid_of_a_lost_server_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    end_leftover(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_data_of_a_missing_version_is_explained(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServerStartError, match="made by PostgreSQL 9"):
        find_binaries(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up root")
def test_root_can_start_postgres_below_a_closed_folder(children: Children, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = start_postgres(children, closed / "postgres", careless=True)
    psycopg.connect(server.url).close()
    assert psutil.Process(server.process.pid).username() != "root"
    assert closed.stat().st_mode & 0o777 == 0o700
