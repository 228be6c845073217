"""A program while it runs: its output, its health, its restarts."""

import asyncio
import contextlib
import os
import shlex
import signal
import time
from collections.abc import Callable, Mapping

import aiohttp

from sandbox.children import Children, kill_group
from sandbox.origin import Upstream
from sandbox.ports import free_port
from sandbox.program import Program

PATIENCE = 5.0  # seconds a program has to end by itself
# A program that crashes after this long is started again; one that crashes sooner would only
# crash again, so it waits for a change.
WORTH_ANOTHER_TRY = 10.0  # seconds


class Running:
    """Keeps one program running until cancelled."""

    def __init__(
        self,
        program: Program,
        children: Children,
        environment: Mapping[str, str],
        write: Callable[[str], None],
    ) -> None:
        self.program = program
        self.children = children
        self.environment = environment
        self.write = write
        self.upstream = Upstream(program.name, free_port() if program.answers else 0)
        self.is_down = False
        self._change = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None

    def restart(self, why: str) -> None:
        """Start it again, because of this."""
        self.write(f"{why}: starting again")
        self.upstream.is_settled.clear()
        self._change.set()

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            kill_group(self._process.pid)

    async def keep_running(self) -> None:
        """Start it, and again when something changed or it crashed; end it when cancelled."""
        command = self.program.command.format(port=self.upstream.port)
        while True:
            self._change.clear()
            self.is_down = False
            self.upstream.is_settled.clear()
            started = time.monotonic()
            process, output = await start(self.children, command, self.environment, self.write)
            self._process = process
            health = asyncio.create_task(self._answers())
            ended = asyncio.create_task(process.wait())
            change = asyncio.create_task(self._change.wait())
            try:
                await asyncio.wait({ended, change}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                health.cancel()
                change.cancel()
                crashed = ended.done()
                await stop(self.children, process)
                await output
            if crashed and not self._change.is_set():
                await self._after_crash(process.returncode, time.monotonic() - started)

    async def _after_crash(self, status: int | None, lived: float) -> None:
        """Say so, and return when it is time to start again."""
        self.is_down = True
        self.upstream.is_settled.set()
        again = lived > WORTH_ANOTHER_TRY
        when = "in a second" if again else "when a file changes"
        self.write(f"ended with status {status}; starts again {when}")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1 if again else None):
                await self._change.wait()

    async def _answers(self) -> None:
        """Note when it answers."""
        if self.program.answers:
            await until_healthy(self.upstream.port, self.environment["ORIGIN"])
        self.upstream.is_settled.set()


async def until_healthy(port: int, origin: str) -> None:
    """Return when `/healthz` on the port answers 200."""
    headers = {"Host": origin.partition("://")[2]}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                address = f"http://127.0.0.1:{port}/healthz"
                async with client.get(address, headers=headers) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)


async def start(
    children: Children, command: str, environment: Mapping[str, str], write: Callable[[str], None]
) -> tuple[asyncio.subprocess.Process, asyncio.Task[None]]:
    """Start a command; the task ends when all its output has been shown.

    `write` gets each line. The pipe is our own, because asyncio's `wait` otherwise waits for
    whoever else holds it open.
    """
    read_end, write_end = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *children.command(shlex.split(command)),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=write_end,
            stderr=write_end,
            start_new_session=True,
            pass_fds=[children.pipe],
        )
    finally:
        os.close(write_end)
    return process, asyncio.create_task(show(read_end, write))


async def show(pipe: int, write: Callable[[str], None]) -> None:
    """Write every line that comes out of the pipe."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    with os.fdopen(pipe, "rb") as stream:
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), stream
        )
        rest = b""
        while piece := await reader.read(64 * 1024):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                write(line.decode(errors="replace").rstrip("\r"))
        if rest:
            write(rest.decode(errors="replace"))
        transport.close()


async def stop(children: Children, process: asyncio.subprocess.Process) -> None:
    """Ask the process to end, then kill what is left of its group."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    kill_group(process.pid)
    await process.wait()
    children.ended(process.pid)


async def run_once(
    children: Children, command: str, environment: Mapping[str, str], write: Callable[[str], None]
) -> int:
    """Run a command to its end and answer its exit status."""
    process, output = await start(children, command, environment, write)
    try:
        return await process.wait()
    finally:
        await stop(children, process)
        await output
