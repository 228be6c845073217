"""One answer, from the question to the row that keeps it, whoever listens to the end."""

import asyncio

import structlog
from psycopg import OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests

from core.assistant import problems
from core.assistant.prompt import estimate_prompt
from core.assistant.status import Status
from core.assistant.tokens import Tokens
from core.env import get_settings
from core.problems import Problem
from service.assistant import answers
from service.assistant.answers import Begun, Outcome
from service.assistant.provider import Answer, Provider, ProviderFailed
from service.assistant.stream import Why, Work, Writer
from service.assistant.wire import Wire
from service.pool import Pool, Row

# Seconds between attempts to keep an answer while the database is away.
PAUSES = (0.2, 1.0, 3.0)
REASONS = {
    Why.STOPPING: problems.type_of(problems.server_stopping()),
    Why.TOO_LONG: problems.type_of(problems.answer_too_long()),
}

log = structlog.get_logger(__name__)


class Run(Work):
    """Passes on what the model writes, and keeps it."""

    kept = 0  # of `parts`, so many are in the database

    def __init__(self, pool: Pool, provider: Provider, begun: Begun) -> None:
        self.pool, self.provider, self.begun = pool, provider, begun
        self.wire = Wire(begun.answer["id"])
        self.message_id: int = begun.answer["id"]
        self.parts: list[str] = []
        self.answer: Answer | None = None

    async def run(self, writer: Writer) -> None:
        """Do all of it: what goes wrong is told to the client."""
        problem: Problem | None = None
        try:
            relay = asyncio.create_task(self.relay(writer))
            await self.do(relay, get_settings().assistant_longest_seconds)
        except ProviderFailed as failure:
            problem = failure.problem
        except OSError:
            # The connection to the client broke while something was written to it.
            self.stop(Why.LEFT)
        except Exception:
            log.exception("answer broken")
            problem = problems.answer_broken()
        row = await self.keep(self.outcome(problem))
        if row is None:
            problem = problems.answer_not_kept()
        if problem is not None:
            await writer.last(self.wire.error(problem))
        elif row is not None:
            await writer.last(self.wire.end(row))

    async def relay(self, writer: Writer) -> None:
        """Pass on what comes as it comes. Whoever cancels this closes the connection upstream."""
        await writer.write(self.wire.start(self.begun.answer, self.begun.question))
        most = get_settings().assistant_most_tokens
        async with self.provider.answer(self.begun.prompt, most) as self.answer:
            async for piece in self.answer:
                # First, so that what was written and not passed on is kept as well.
                self.parts.append(piece.text)
                await writer.write(self.wire.token(piece.text))

    def outcome(self, problem: Problem | None) -> Outcome:
        """What became of it."""
        status = Status.COMPLETE
        if problem is not None:
            status = Status.FAILED
        elif self.why is not None:
            status = Status.STOPPED
        error = REASONS.get(self.why, "") if self.why else ""
        if problem is not None:
            error = problems.type_of(problem)
        return Outcome(status, self.content, self.tokens(problem), error)

    @property
    def content(self) -> str:
        """What was written so far."""
        # PostgreSQL keeps no NUL, and UTF-8 no half of a pair; as many letters stay.
        content = "".join(self.parts).replace("\0", "\N{REPLACEMENT CHARACTER}")
        return content.encode("utf-8", "replace").decode()

    @property
    def received(self) -> int:
        """How many tokens came so far."""
        return self.answer.received if self.answer else 0

    def tokens(self, problem: Problem | None) -> Tokens:
        """What it took: as the provider counts it, or what came and about what was asked."""
        if self.answer is None or (problem is not None and not self.answer.received):
            return Tokens()
        if self.answer.usage is not None:
            return Tokens(*self.answer.usage)
        return Tokens(estimate_prompt(self.begun.prompt), self.answer.received)

    async def keep(self, outcome: Outcome) -> Row | None:
        """Keep it; None when the database does not take it, and then it is swept up as lost."""
        for pause in (*PAUSES, None):
            try:
                return await answers.end(self.pool, self.begun, outcome)
            except (OperationalError, PoolTimeout, TooManyRequests) as error:
                log.error("answer not kept", error=type(error).__name__, again=pause)
            except Exception:
                log.exception("answer not kept")
                return None
            if pause is not None:
                await asyncio.sleep(pause)
        return None
