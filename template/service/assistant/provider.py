"""The one that writes the answers: any provider with an API like OpenAI's, or the sandbox.

    async with provider.answer(messages, most_tokens=500) as answer:
        async for piece in answer:
            ...piece.text
    answer.usage, answer.finish

aiohttp rather than a provider's own library, which costs four times as much for each token: its
models of every event are what costs. Whoever leaves the block closes the connection, which is how a
provider learns that it need not go on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Annotated, Any, NamedTuple

import aiohttp
import structlog
from fastapi import Depends, Request
from pydantic import SecretStr
from yarl import URL

from core.assistant.env import AssistantSettings
from core.env import get_settings
from core.project import project
from service.assistant import failures
from service.assistant.events import Event, Events
from service.assistant.failures import ProviderFailed
from service.http.trace import HEADER as TRACEPARENT
from service.http.trace import child_traceparent

__all__ = [
    "Answer",
    "CurrentProvider",
    "Piece",
    "Provider",
    "ProviderFailed",
    "Usage",
    "open_provider",
]

MOST_ERROR = 64 * 1024  # bytes of an error that are read
CONNECT = 10.0  # seconds that a connection may take
CLOSING = 0.2  # seconds in which an answer that is complete may end, so that its connection is kept

# Whose newer models take the limit by its newer name alone; others know the older one alone.
NEWER_NAME = ("api.openai.com",)

log = structlog.get_logger(__name__)

Messages = Sequence[Mapping[str, str]]


class Piece(NamedTuple):
    """A part of the answer."""

    text: str


class Usage(NamedTuple):
    """Tokens, as the provider counts them."""

    prompt: int
    completion: int


class Answer:
    """An answer while it comes: its pieces in order, each once.

    A piece is a token, or several when they came at once. Raises `ProviderFailed` while it is gone
    through. `received` counts the tokens that came, or the words where an event holds several;
    `usage` is what the provider counts, and is there at the end, if ever; `finish` is "stop", or
    "length" when the limit of tokens ended it.
    """

    def __init__(self, response: aiohttp.ClientResponse, patience: "Patience") -> None:
        self.received = 0
        self.usage: Usage | None = None
        self.finish: str | None = None
        self.is_complete = False
        self._failure: ProviderFailed | None = None
        self._content = response.content
        self._events = Events()
        self._patience = patience

    async def __aiter__(self) -> AsyncIterator[Piece]:
        while not self.is_complete:
            if text := self._take(await self._read()):
                yield Piece(text)
            if self._failure:
                raise self._failure

    async def _read(self) -> list[Event]:
        """The next events, none at the end; raises `ProviderFailed`."""
        self._patience.begin()
        try:
            while data := await self._content.readany():
                if events := self._events.feed(data):
                    return events
        except Stalled:
            raise (failures.stalled() if self.received else failures.silent()) from None
        except aiohttp.ClientError as error:
            raise failures.broke_off() from error
        if self.finish is None:
            raise failures.broke_off()
        # Some leave out the mark of the end.
        self.is_complete = True
        return []

    def _take(self, events: list[Event]) -> str:
        """The text of all the events; what failed behind it is told after it."""
        text = ""
        for event in events:
            if event.text or event.is_thought:
                self._patience.end(is_text=bool(event.text))
                # Some send many in one event; a token holds no more than one word.
                self.received += max(1, len(event.text.split()))
                text += event.text
            if event.finish:
                self.finish = event.finish
            if event.usage:
                self.usage = Usage(*event.usage)
            if event.is_end:
                self.is_complete = True
                break
            if event.failed or event.is_unreadable:
                told = failures.failed(event.failed) if event.failed else failures.unreadable()
                self._failure = told
                break
        return text


class Provider:
    """The provider that the settings name."""

    def __init__(self, session: aiohttp.ClientSession, settings: AssistantSettings) -> None:
        self.model = settings.assistant_model
        self.is_set_up = bool(settings.assistant_url)
        self._session = session
        self._key: SecretStr = settings.assistant_key
        self._first = settings.assistant_first_token_seconds
        self._next = settings.assistant_next_token_seconds
        self._url = URL(f"{settings.assistant_url.rstrip('/')}/chat/completions", encoded=True)
        is_newer = self.is_set_up and self._url.host in NEWER_NAME
        self._limit = "max_completion_tokens" if is_newer else "max_tokens"

    @contextlib.asynccontextmanager
    async def answer(self, messages: Messages, most_tokens: int) -> AsyncIterator[Answer]:
        """Ask, and have the answer as it comes; raises `ProviderFailed`, here or on the way."""
        if not self.is_set_up:
            raise failures.not_set_up()
        began, answer, result = perf_counter(), None, "left"
        # The time to the first token runs from now.
        patience = Patience(self._first, self._next)
        try:
            response = await self._ask(messages, most_tokens)
            try:
                with patience.over(response.content):
                    answer = Answer(response, patience)
                    yield answer
                if answer.is_complete:
                    result = "complete"
                    await self._keep_connection(response)
            finally:
                response.close()
        except ProviderFailed as failure:
            result = failure.problem.kind
            raise
        finally:
            log.info(
                "model",
                model=self.model,
                result=result,
                tokens=answer.received if answer else 0,
                milliseconds=round((perf_counter() - began) * 1000, 1),
            )

    async def _ask(self, messages: Messages, most_tokens: int) -> aiohttp.ClientResponse:
        """Send the question; the answer has begun."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": list(messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            self._limit: most_tokens,
        }
        try:
            async with asyncio.timeout(self._first):
                response = await self._session.post(
                    self._url, json=body, headers=self._headers(), allow_redirects=False
                )
                if response.status == 200 and is_stream(response):
                    return response
                raise await refusal(response)
        except TimeoutError as error:
            raise failures.silent() from error
        except (aiohttp.ClientError, OSError) as error:
            raise failures.unreachable(type(error).__name__) from None

    def _headers(self) -> dict[str, str]:
        headers = {TRACEPARENT: child_traceparent()[0]}
        # One of your own network may have none.
        if key := self._key.get_secret_value():
            headers["Authorization"] = f"Bearer {key}"
        return headers

    async def _keep_connection(self, response: aiohttp.ClientResponse) -> None:
        """Wait for the end behind the last event: the next question then needs no new handshake."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(CLOSING):
                while await response.content.readany():
                    continue


class Stalled(Exception):
    """The provider says nothing for too long."""


class Patience:
    """Ends a wait for the first token, or for the next one, that takes too many seconds.

    One timer for the whole answer, that looks when it is due how long the wait of that moment has
    taken: to set one for each token would cost more than all else that is done with it.
    """

    def __init__(self, first: float, next_: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit, self._next = first, next_
        self._has_text = False
        self._since: float | None = self._loop.time()
        self._content: aiohttp.StreamReader | None = None
        self._timer: asyncio.TimerHandle | None = None

    @contextlib.contextmanager
    def over(self, content: aiohttp.StreamReader) -> Iterator[None]:
        """Watch over the waits for this, until the block ends; they end with `Stalled`."""
        self._content = content
        self._look()
        try:
            yield
        finally:
            self._content = None
            if self._timer is not None:
                self._timer.cancel()

    def begin(self) -> None:
        """A wait begins, or goes on: not all that comes ends it."""
        if self._since is None:
            self._since = self._loop.time()

    def end(self, *, is_text: bool) -> None:
        """A token came. How long whoever asked for it takes with it does not count."""
        self._since = None
        if is_text and not self._has_text:
            self._has_text, self._limit = True, self._next
            if self._timer is not None:
                self._timer.cancel()
            self._look()

    def _look(self) -> None:
        if self._content is None:
            return
        now = self._loop.time()
        due = (now if self._since is None else self._since) + self._limit
        if due <= now:
            self._content.set_exception(Stalled())
        else:
            self._timer = self._loop.call_at(due, self._look)


def is_stream(response: aiohttp.ClientResponse) -> bool:
    """Whether it is what we asked for."""
    return response.content_type == "text/event-stream"


async def refusal(response: aiohttp.ClientResponse) -> ProviderFailed:
    """What an answer that is no stream of events means."""
    async with response:
        body = b""
        # A read may give a part of it.
        while part := await response.content.read(MOST_ERROR - len(body)):
            body += part
        return failures.refused(response.status, response.headers.get("Retry-After"), body)


@contextlib.asynccontextmanager
async def open_provider(settings: AssistantSettings | None = None) -> AsyncIterator[Provider]:
    """The provider that the settings name, until the block ends."""
    connector = aiohttp.TCPConnector(limit=0)  # how many stream at once is decided elsewhere
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT),
        # What is compressed comes in lumps.
        headers={"User-Agent": project.slug, "Accept-Encoding": "identity"},
    ) as session:
        yield Provider(session, settings or get_settings())


async def current_provider(request: Request) -> Provider:
    """The provider that the application opened."""
    provider: Provider = request.app.state.provider
    return provider


CurrentProvider = Annotated[Provider, Depends(current_provider)]
