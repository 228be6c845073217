"""Runs the whole product on this machine: `just dev`, or `python -m sandbox.dev`.

It makes `.env`, starts PostgreSQL and Valkey unless DATABASE_URL and REDIS_URL name others, brings
the database up to date, and runs every program behind one origin until Ctrl-C. PORT says where.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from aiohttp import web

from core.project import project
from sandbox import processes
from sandbox.ancestors import launcher_links, until_launcher_is_gone
from sandbox.children import Children
from sandbox.environment import LOCAL, former_server, make_dotenv, variable, write_servers
from sandbox.mailbox.smtp import smtp_protocol
from sandbox.mailbox.store import MailStore
from sandbox.offers import OFFERS
from sandbox.origin import origin_server
from sandbox.ports import free_port
from sandbox.postgres import start_postgres
from sandbox.reload import restart_on_change
from sandbox.running import Running, run_once
from sandbox.server import ServerStartError
from sandbox.terminal import Terminal
from sandbox.valkey import start_valkey

ROOT = Path(__file__).parent.parent
DEFAULT_PORT = 8000
SERVERS = (
    ("DATABASE_URL", start_postgres, LOCAL / "postgres"),
    ("REDIS_URL", start_valkey, LOCAL / "valkey"),
)
LAST_RUN_ENDS = 20.0  # seconds that a run which was killed may take to go


class CannotStartError(Exception):
    """The run cannot start; the message says what to do."""


class Run:
    """One run, from the first server to the last farewell."""

    def __init__(self, children: Children, sockets: list[socket.socket], port: int) -> None:
        self.began = time.monotonic()
        self.children = children
        self.sockets = sockets
        self.terminal = Terminal()
        self.origin = f"http://localhost:{port}"
        self.environment = {
            **os.environ,
            "ORIGIN": self.origin,
            "TRUSTED_PROXY_COUNT": "1",
            "PYTHONUNBUFFERED": "1",
            **offered(self.origin),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }
        if self.environment.pop("PYTHONDONTWRITEBYTECODE", None):
            # Whoever sets it, as images do, wants no bytecode between the sources. Compiling
            # every package anew in each process would triple the time to start.
            self.environment["PYTHONPYCACHEPREFIX"] = str(ROOT / LOCAL / "bytecode")
        self.programs: list[Running] = []
        self.is_stopping = False

    async def until_stopped(self) -> None:
        """Run until a signal comes or the launcher is gone; then end everything."""
        loop = asyncio.get_running_loop()
        everything = asyncio.create_task(self.everything())
        launcher = asyncio.create_task(until_launcher_is_gone(launcher_links()))
        launcher.add_done_callback(lambda _: self.stop(everything, "The launcher is gone"))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
                loop.add_signal_handler(number, self.stop, everything, "Stopping")
        with contextlib.suppress(asyncio.CancelledError):
            await everything

    def stop(self, everything: asyncio.Task[None], why: str) -> None:
        """Begin to stop; the second time, at once."""
        if self.is_stopping:
            for running in self.programs:
                running.kill()
            return
        self.is_stopping = True
        self.terminal.say(f"\n{why}.")
        everything.cancel()

    async def everything(self) -> None:
        """Start all in the right order, as much at once as can be, and keep it running."""
        if make_dotenv():
            self.terminal.say("Made .env with fresh secrets.")
        store = MailStore(LOCAL / "mail")
        async with asyncio.TaskGroup() as group:
            group.create_task(self.build_styles())
            await self.start_servers(store)
            await self.must_run("migrate", processes.MIGRATE)
        self.programs = [
            Running(program, self.children, self.environment, self.writer(program.name))
            for program in processes.PROGRAMS
        ]
        async with asyncio.TaskGroup() as group:
            group.create_task(self.serve_origin(store))
            # What a person waits for gets the processor first.
            first = [running for running in self.programs if running.program.answers]
            for running in first:
                group.create_task(running.keep_running())
            for name, command in processes.PREPARE:
                await self.must_run(name, command)
            for running in first:
                await running.upstream.is_settled.wait()
            self.welcome(first)
            for running in self.programs:
                if running not in first:
                    group.create_task(running.keep_running())
            group.create_task(restart_on_change(self.programs))

    async def start_servers(self, store: MailStore) -> None:
        """Start the mailbox, and the servers for which no address is set."""
        addresses: dict[str, str] = {}
        if not variable("SMTP_URL"):
            port = free_port(former_port("SMTP_URL"))
            loop = asyncio.get_running_loop()
            await loop.create_server(lambda: smtp_protocol(store), "127.0.0.1", port)
            addresses["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
        async with asyncio.TaskGroup() as group:
            started = {
                name: group.create_task(
                    asyncio.to_thread(start, self.children, folder, port=former_port(name))
                )
                for name, start, folder in SERVERS
                if not variable(name)
            }
        addresses.update({name: server.result().url for name, server in started.items()})
        write_servers(addresses)

    async def serve_origin(self, store: MailStore) -> None:
        """Answer on the one port until cancelled."""
        upstreams = {running.program.name: running.upstream for running in self.programs}
        server = origin_server(upstreams, store, self.origin, LOCAL)
        await server.setup()
        try:
            for listening in self.sockets:
                await web.SockSite(server, listening).start()
            await asyncio.Event().wait()
        finally:
            await server.cleanup()

    async def build_styles(self) -> None:
        """Build the stylesheet, where there is one; nobody needs to read of it unless it fails."""
        if processes.STYLES is None:
            return
        lines: list[str] = []
        try:
            await self.must_run("css", processes.STYLES, lines.append)
        except CannotStartError:
            for line in lines:
                self.terminal.line("css", line)
            raise

    async def must_run(
        self, name: str, command: str, write: Callable[[str], None] | None = None
    ) -> None:
        """Run a command; there is no point in going on when it fails."""
        write = write or self.writer(name)
        status = await run_once(self.children, command, self.environment, write)
        if status:
            raise CannotStartError(f"`{command}` failed with status {status}.")

    def writer(self, name: str) -> Callable[[str], None]:
        """Writes lines under this name."""
        return partial(self.terminal.line, name)

    def welcome(self, first: list[Running]) -> None:
        """Say where everything is."""
        say, strong = self.terminal.say, self.terminal.strong
        say()
        if down := [running.program.name for running in first if running.is_down]:
            say(strong(f"{', '.join(down)} did not start; the lines above say why."))
        say(strong(f"{project.name} runs ({time.monotonic() - self.began:.1f} s)"))
        say()
        for title, path in processes.ADDRESSES:
            say(f"  {title:9}{self.origin}{path}")
        if password := variable("DEMO_PASSWORD"):
            say()
            say(f"  Log in as demo@example.com, or as admin@example.com for the admin: {password}")
        say()
        say("  Ctrl-C stops everything.")
        say()


def offered(origin: str) -> dict[str, str]:
    """The variables that lead the product to what the sandbox offers."""
    variables: dict[str, str] = {}
    for offer in OFFERS:
        if offer.environment:
            variables |= offer.environment(origin)
    return variables


def former_port(name: str) -> int | None:
    """The port that a server had in the last run."""
    return urlsplit(former_server(name)).port


@contextlib.contextmanager
def only_run() -> Iterator[int]:
    """Hold the project's lock; raises CannotStartError when another run has it.

    The watchdog inherits the descriptor, so the lock is free when the last process is gone.
    """
    LOCAL.mkdir(exist_ok=True)
    with (LOCAL / "dev.lock").open("a+") as lock:
        deadline = time.monotonic() + LAST_RUN_ENDS
        while not try_lock(lock.fileno()):
            lock.seek(0)
            holder = lock.read().strip() or "0"
            if psutil.pid_exists(int(holder)) or time.monotonic() > deadline:
                raise CannotStartError(
                    f"This project runs already, as process {holder}: `just dev` was started in "
                    "another terminal. Use that one, or stop it with Ctrl-C first."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield lock.fileno()


def try_lock(descriptor: int) -> bool:
    """Take the lock if nobody has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wanted_port() -> int:
    """The port that PORT names; raises CannotStartError when it names none."""
    text = variable("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStartError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def listen(port: int) -> list[socket.socket]:
    """Listen on both addresses of `localhost`; raises CannotStartError when one is taken."""
    sockets: list[socket.socket] = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            sockets.append(socket.create_server((address, port), family=family))
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:  # no IPv6 here
                continue
            reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
            raise CannotStartError(
                f"Port {port} {reason}. Stop the program that uses it, or choose another port: "
                f"PORT={port + 1} uv run just dev"
            ) from None
    return sockets


def reasons(errors: BaseExceptionGroup[BaseException]) -> Iterator[str]:
    """What the errors of a group say, and of the groups in it."""
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from reasons(error)
        else:
            yield str(error)


def main() -> int:
    """Run; answer 0 when it was stopped and 1 when it could not start."""
    os.chdir(ROOT)
    status = 0
    try:
        with only_run() as lock:
            port = wanted_port()
            sockets = listen(port)
            with Children(keep_open=[lock]) as children:
                asyncio.run(Run(children, sockets, port).until_stopped())
    except* (CannotStartError, ServerStartError) as errors:
        for reason in dict.fromkeys(reasons(errors)):
            sys.stderr.write(f"{reason}\n")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
