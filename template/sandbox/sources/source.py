"""A source and how it behaves; its addresses are in `pages.py`."""

from dataclasses import dataclass, field
from enum import StrEnum


class Behaviour(StrEnum):
    """What a source does when it is asked; the values are the words of the page."""

    ANSWERS = "answers"
    FLAKY = "answers every second time"
    FAILS = "fails"
    HUGE = "never stops talking"
    HANGS = "never answers"
    BREAKS_OFF = "breaks off in the middle"
    REDIRECTS = "sends elsewhere"
    BABBLES = "answers nonsense"


@dataclass
class Source:
    """One source. The counts are of the requests that came."""

    name: str
    behaviour: Behaviour = Behaviour.ANSWERS
    seconds: float = 0.0  # before it does anything
    asked: int = 0
    left: int = 0  # by whoever asked, before the end
    running: int = 0
    most_at_once: int = 0
    last_headers: dict[str, str] = field(default_factory=dict)


def sources() -> dict[str, Source]:
    """The five, as they are at first: one is good, and the others are as others can be."""
    found = (
        Source("register"),
        Source("news", seconds=5.0),
        Source("reviews", Behaviour.FLAKY),
        Source("maps", Behaviour.FAILS),
        Source("archive", Behaviour.HUGE),
    )
    return {source.name: source for source in found}
