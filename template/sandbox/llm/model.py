"""How the model behaves, and what was asked of it; its addresses are in `pages.py`."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.llm.answers import Message, pieces

KEY = "sk-sandbox-opens-nothing"
MODEL = "sandbox"
PACE = 0.03  # seconds from one token to the next, as with a quick model
SLOW = 1.0  # the same of one that is slow
REMEMBERED = 500  # requests


class Fault(StrEnum):
    """What goes wrong; the values are the words of the page.

    A request may choose its own by the model's name: "sandbox-stalls" is `Fault.STALLS`.
    """

    NONE = "answers"
    SLOW = "is slow"
    REFUSES_KEY = "refuses the key"
    LIMITS = "has too many requests"
    FAILS = "fails"
    TOO_LONG = "finds the conversation too long"
    STALLS_FIRST = "stalls before the first token"
    STALLS = "stalls in the middle"
    DIES = "dies in the middle"
    BREAKS = "tells of an error in the middle"
    ENDS_EARLY = "ends in the middle without a word"
    BABBLES = "sends what is no JSON"
    TALKS_ON = "never ends"


@dataclass
class Asked:
    """One request."""

    model: str
    messages: list[Message]
    stream: bool
    fault: Fault
    tokens: int = 0  # sent so far
    state: str = "open"  # or "ended", "failed", "left"

    @property
    def question(self) -> str:
        """What a person asked last."""
        return next((m["content"] for m in reversed(self.messages) if m["role"] == "user"), "")


@dataclass
class Llm:
    """The model. Its plain fields may be set by any thread, also while it answers.

    `text` is what it says to everything, instead of an answer of its own. After `hold_after` tokens
    each answer waits until that is None again.
    """

    fault: Fault = Fault.NONE
    pace: float = PACE
    text: str = ""
    hold_after: int | None = None
    retry_after: int = 7  # seconds, with `Fault.LIMITS`
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    open: int = 0  # answers at this moment
    most_at_once: int = 0
    ended: int = 0
    left: int = 0  # by whoever asked, before the end
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _pieces: tuple[str, list[str]] = ("", [])

    def begin(self, asked: Asked) -> None:
        """An answer begins."""
        with self._changed:
            self.asked.append(asked)
            self.open += 1
            self.most_at_once = max(self.most_at_once, self.open)
            self._changed.notify_all()

    def end(self, asked: Asked, state: str) -> None:
        """It is over, in this way."""
        with self._changed:
            asked.state = state
            self.open -= 1
            self.ended += state == "ended"
            self.left += state == "left"
            self._changed.notify_all()

    def sent(self, asked: Asked) -> None:
        """One more token of it is out."""
        with self._changed:
            asked.tokens += 1
            self._changed.notify_all()

    def wait(self, condition: Callable[[], bool], timeout: float = 10.0) -> None:
        """Until it is true of what was asked; AssertionError when it takes longer."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                states = [(each.question[:40], each.state, each.tokens) for each in self.asked]
                raise AssertionError(f"not so after {timeout} s: {states}, {self.open} are open")

    def pieces_of(self, text: str) -> list[str]:
        """Its tokens; those of the last text are remembered, because many may ask for the same."""
        if self._pieces[0] != text:
            self._pieces = (text, pieces(text))
        return self._pieces[1]


def fault_of(model: str) -> Fault:
    """What the model's name asks for."""
    name = model.removeprefix(f"{MODEL}-").replace("-", "_").upper()
    return Fault[name] if name in Fault.__members__ else Fault.NONE
