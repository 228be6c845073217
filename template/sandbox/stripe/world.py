"""The state: every object of every kind, what is made of it for an answer, and what happened."""

import contextlib
import hashlib
import json
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.stripe.clock import Clock
from sandbox.stripe.errors import missing
from sandbox.stripe.forms import Json

LETTERS = string.digits + string.ascii_letters
# How an object is completed for an answer. What it stores for itself begins with an underscore.
Complete = Callable[["World", Json], Json]
COMPLETE: dict[str, Complete] = {}
# What an answer holds only when it was asked for with `expand`.
ON_REQUEST: dict[tuple[str, str], Callable[["World", Json], Any]] = {}


@dataclass
class Policy:
    """What the account's settings say in Stripe's dashboard."""

    # Days between the attempts to collect a renewal; then the subscription ends in this way.
    retry_days: tuple[int, ...] = (3, 5, 7)
    after_retries: str = "cancel"  # or "unpaid" or "past_due"
    finalize_after: int = 3_600  # seconds that a renewal's invoice is a draft


@dataclass
class World:
    """One account in test mode."""

    clock: Clock = field(default_factory=Clock)
    seed: str = "sandbox"
    policy: Policy = field(default_factory=Policy)
    # Where the pages of checkout, portal and invoices are.
    pages_url: str = "http://localhost:8000/dev/stripe"
    api_version: str = ""  # of the client that called last
    objects: dict[str, dict[str, Json]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    replays: dict[str, Json] = field(default_factory=dict)
    # Customers whose next payments are refused, and for which reasons.
    refusals: dict[str, list[str]] = field(default_factory=dict)
    # Events that did not arrive yet, and the endpoints that they go to, of a run that ended.
    undelivered: list[list[str]] = field(default_factory=list)
    # Called with each event that happens.
    listeners: list[Callable[[Json], None]] = field(default_factory=list)
    request: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})

    def now(self) -> int:
        """The sandbox's time."""
        return self.clock.now()

    def new_id(self, prefix: str, length: int = 24) -> str:
        """The next identifier; the same in every world of the same seed."""
        number = self.counters[prefix] = self.counters.get(prefix, 0) + 1
        digest = hashlib.sha512(f"{self.seed}:{prefix}:{number}".encode()).digest()
        value = int.from_bytes(digest)
        letters = []
        for _ in range(length):
            value, position = divmod(value, len(LETTERS))
            letters.append(LETTERS[position])
        return f"{prefix}_{''.join(letters)}"

    def add(self, stored: Json) -> Json:
        """Keep a new object."""
        self.objects.setdefault(stored["object"], {})[stored["id"]] = stored
        return stored

    def all(self, kind: str) -> list[Json]:
        """Every object of this kind, the oldest first."""
        return list(self.objects.get(kind, {}).values())

    def find(self, kind: str, name: str | None) -> Json | None:
        """The object of this name, if there is one."""
        return self.objects.get(kind, {}).get(name or "")

    def get(self, kind: str, name: str, param: str = "id") -> Json:
        """The object of this name; an error that names the parameter if there is none."""
        found = self.find(kind, name)
        if found is None:
            raise missing(kind, name, param)
        return found

    def anything(self, name: str) -> Json | None:
        """The object of this name, whatever it is."""
        for kind in self.objects.values():
            if name in kind:
                return kind[name]
        return None

    def answer(self, stored: Json) -> Json:
        """The object as an answer holds it."""
        public = {key: value for key, value in stored.items() if not key.startswith("_")}
        complete: Complete | None = COMPLETE.get(stored["object"])
        public = complete(self, {**stored, **public}) if complete else public
        return {key: clone(value) for key, value in public.items() if not key.startswith("_")}

    def emit(self, kind: str, stored: Json, previous: Json | None = None) -> None:
        """Tell that something happened to an object."""
        data = {"object": self.answer(stored)}
        if previous is not None:
            data["previous_attributes"] = previous
        event = self.add(
            {
                "id": self.new_id("evt"),
                "object": "event",
                "api_version": self.api_version or None,
                "created": self.now(),
                "data": data,
                "livemode": False,
                "pending_webhooks": 0,
                "request": dict(self.request),
                "type": kind,
            }
        )
        for listener in self.listeners:
            listener(event)

    @contextlib.contextmanager
    def changing(self, stored: Json, kind: str | None = None) -> Iterator[Json]:
        """Tell of what the block changes in the object, with what was there before."""
        before = self.answer(stored)
        yield stored
        after = self.answer(stored)
        if before != after:
            previous = {
                key: before.get(key)
                for key in {**before, **after}
                if before.get(key) != after.get(key)
            }
            self.emit(kind or f"{event_name(stored)}.updated", stored, previous)

    def copy(self) -> "World":
        """A world like this one at this moment, to try what something would lead to."""
        return World(
            clock=Clock(self.now()),
            seed=self.seed,
            policy=self.policy,
            pages_url=self.pages_url,
            api_version=self.api_version,
            objects=clone({**self.objects, "event": {}}),
            counters=dict(self.counters),
            refusals=clone(self.refusals),
        )

    def save(self, file: Path) -> None:
        """Write everything down."""
        state = {
            "ahead": self.clock.ahead,
            "counters": self.counters,
            "objects": self.objects,
            "replays": self.replays,
            "api_version": self.api_version,
            "undelivered": self.undelivered,
        }
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(file)

    def load(self, file: Path) -> None:
        """Go on where the last run ended; a file of another release is left alone."""
        if not file.exists():
            return
        with contextlib.suppress(ValueError, KeyError):
            state = json.loads(file.read_text(encoding="utf-8"))
            self.clock.ahead = state["ahead"]
            self.counters = state["counters"]
            self.objects = state["objects"]
            self.replays = state["replays"]
            self.api_version = state["api_version"]
            self.undelivered = state["undelivered"]


def clone(value: Any) -> Any:
    """A copy that shares nothing."""
    if isinstance(value, dict):
        return {key: clone(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [clone(inner) for inner in value]
    return value


def completes(kind: str) -> Callable[[Complete], Complete]:
    """The function completes objects of this kind for an answer."""

    def register(function: Complete) -> Complete:
        COMPLETE[kind] = function
        return function

    return register


def event_name(stored: Json) -> str:
    """How the types of an object's events begin."""
    kind: str = stored["object"]
    return "customer.subscription" if kind == "subscription" else kind
