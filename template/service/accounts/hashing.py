"""Passwords are hashed in threads of their own, so that logins never starve the other requests.

A hash takes about 20 ms of CPU, and argon2 releases the interpreter lock meanwhile. When too many
wait, the next one is turned away at once: a queue that grows would help nobody.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request

from core.passwords import hash_password, is_usable, problem_with_password, verify_password
from core.problems import too_many_requests

# Half of the processors: the others are left to the requests.
THREADS = max(1, (os.cpu_count() or 2) // 2)
# With 20 ms each, the last one in the queue waits less than a third of a second.
MOST_WAITING = THREADS * 16

P = ParamSpec("P")
T = TypeVar("T")


class PasswordHashing:
    """The threads of this process that hash and check passwords."""

    def __init__(self, *, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self.most = threads + most_waiting
        self.running = 0
        # What an unknown address is checked against, so that it takes as long as a known one.
        self.nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The form that is stored. Raises 429 when too many are waiting."""
        return await self._run(hash_password, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; as slow for nobody (None), or without a password."""
        if stored is not None and not is_usable(stored):
            stored = None
        if stored is None:
            self.nobody = self.nobody or await self._run(hash_password, "nobody")
        right = await self._run(verify_password, password, stored or self.nobody or "")
        return right and stored is not None

    async def problem(self, password: str, *, email: str, name: str) -> str | None:
        """Why the password is too weak, or None."""
        return await self._run(problem_with_password, password, email=email, name=name)

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.running >= self.most:
            raise too_many_requests(1)
        self.running += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self.executor, partial(function, *args, **kwargs))
        finally:
            self.running -= 1

    def close(self) -> None:
        """End the threads."""
        self.executor.shutdown(cancel_futures=True)


async def get_hashing(request: Request) -> PasswordHashing:
    """The threads that the lifespan started."""
    hashing: PasswordHashing = request.app.state.hashing
    return hashing


Hashing = Annotated[PasswordHashing, Depends(get_hashing)]
