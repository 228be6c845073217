"""Somebody who talks to the assistant of a running server, over HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    name: str
    id: str
    data: dict[str, Any]


@dataclass
class Stream:
    """An answer while it comes: what was read of it so far, and more on demand."""

    response: aiohttp.ClientResponse
    events: list[Event] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The answer, as far as it was read."""
        return "".join(event.data["text"] for event in self.events if event.name == "token")

    @property
    def message_id(self) -> int:
        """Which answer it is."""
        return int(self.events[0].data["message"]["id"])

    async def read(self) -> Event | None:
        """The next event; None at the end."""
        fields: dict[str, str] = {}
        async for line in self.response.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                event = Event(fields["event"], fields["id"], json.loads(fields["data"]))
                self.events.append(event)
                return event
            else:
                fields = {}  # a comment
        return None

    async def read_text(self, text: str) -> None:
        """Read until this was said."""
        while self.text != text:
            assert await self.read(), f"it ended after {self.text!r}"

    async def read_all(self) -> Event:
        """Read to the end; the last event."""
        while await self.read():
            continue
        return self.events[-1]


@dataclass(frozen=True)
class Person:
    """A member of a team, and the address of their conversations."""

    session: aiohttp.ClientSession
    url: str
    team_id: int
    user_id: int

    async def begin(self) -> str:
        """The address of a new conversation."""
        async with self.session.post(self.url, json={}) as response:
            assert response.status == 201, await response.text()
            return f"{self.url}/{(await response.json())['id']}"

    @asynccontextmanager
    async def ask(
        self, conversation: str, content: str = "Why?", status: int = 200
    ) -> AsyncIterator[Stream]:
        """Ask; whoever leaves the block closes the connection."""
        async with self.session.post(
            f"{conversation}/messages", json={"content": content}
        ) as response:
            if status:
                assert response.status == status, await response.text()
            yield Stream(response)
            response.close()

    @asynccontextmanager
    async def follow(
        self, conversation: str, message_id: int, last: str | None = None
    ) -> AsyncIterator[Stream]:
        """Have the rest of an answer."""
        headers = {} if last is None else {"Last-Event-ID": last}
        url = f"{conversation}/messages/{message_id}/events"
        async with self.session.get(url, headers=headers) as response:
            assert response.status == 200, await response.text()
            yield Stream(response)
            response.close()

    async def titles(self) -> list[str]:
        """What their conversations are called."""
        async with self.session.get(self.url) as response:
            return [each["title"] for each in (await response.json())["items"]]

    async def messages(self, conversation: str) -> list[dict[str, Any]]:
        """What was said in a conversation."""
        async with self.session.get(conversation) as response:
            return list((await response.json())["messages"])
