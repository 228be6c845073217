"""The rest of an answer, for somebody who lost the connection: each letter once.

An answer is kept every few seconds while it is written, and when it ends. Whoever comes meanwhile,
perhaps to another process than the one that writes it, gets what they lack when that happens.
"""

import asyncio

import structlog
from psycopg import OperationalError

from core.assistant import problems
from core.assistant.status import Status
from core.assistant.sweep import LEASE
from core.env import get_settings
from core.problems import Problem
from service.assistant import queries
from service.assistant.stream import Why, Work, Works, Writer
from service.assistant.wire import Wire
from service.pool import Pool, Row
from service.teams.dependencies import TeamAccess

# Seconds between looks at how far an answer is, and before the next one while the database is away.
LOOK = 0.25
AWAY = 1.0
# Of one person in one process: more would take the streams, and the database, from everybody else.
MOST = 10

log = structlog.get_logger(__name__)


def check_room(works: Works, user_id: int) -> None:
    """Whether somebody may follow another answer; raises 429."""
    followed = [each for each in works.going if isinstance(each, Follow)]
    if sum(each.team.caller.id == user_id for each in followed) >= MOST:
        raise problems.too_many_followers()


class Follow(Work):
    """Tells what somebody has not seen of an answer, and waits for its end.

    `seen`: how many letters they have; None for all from the start.
    """

    def __init__(
        self, pool: Pool, team: TeamAccess, question: Row, answer: Row, seen: int | None
    ) -> None:
        self.pool, self.team = pool, team
        self.question, self.answer, self.seen = question, answer, seen
        self.wire = Wire(answer["id"], seen or 0)

    async def run(self, writer: Writer) -> None:
        """Do all of it."""
        problem: Problem | None = None
        try:
            told = asyncio.create_task(self.tell(writer))
            await self.do(told, get_settings().assistant_longest_seconds + LEASE)
        except OSError:
            self.stop(Why.LEFT)
        except Problem as found:
            problem = found
        except Exception:
            log.exception("answer not followed")
            problem = problems.answer_broken()
        # A server that stops says nothing: the answer goes on, and so does who asks elsewhere.
        if self.why is Why.TOO_LONG:
            problem = problems.answer_lost()
        if problem is not None:
            await writer.last(self.wire.error(problem))

    async def tell(self, writer: Writer) -> None:
        """Tell what is there, as soon as it is."""
        if self.seen is None:
            await writer.write(self.wire.start({**self.answer, "content": ""}, self.question))
        if self.answer["status"] == Status.STREAMING:
            await self.wait(writer)
        if rest := self.answer["content"][self.wire.letters :]:
            await writer.write(self.wire.token(rest))
        if self.answer["status"] == Status.FAILED:
            await writer.last(self.wire.error(problems.former(self.answer["error"])))
        else:
            await writer.last(self.wire.end(self.answer))

    async def wait(self, writer: Writer) -> None:
        """Tell what is kept until it has ended; raises 404 if it is deleted meanwhile."""
        while True:
            try:
                if await self.has_ended(writer):
                    return
                pause = LOOK
            except OperationalError as error:
                log.warning("answer not looked at", error=type(error).__name__)
                pause = AWAY
            await asyncio.sleep(pause)

    async def has_ended(self, writer: Writer) -> bool:
        """Look once; the answer as it is kept is there if it has ended."""
        message_id = self.answer["id"]
        more = await queries.progress(self.pool, self.team, message_id, self.wire.letters)
        if more:
            await writer.write(self.wire.token(more))
        if more is None:
            which = self.answer["conversation_id"], message_id
            _, self.answer = await queries.exchange(self.pool, self.team, *which)
        return more is None
