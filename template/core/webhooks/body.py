"""The body of a webhook, read once: what it says, and as PostgreSQL can hold it."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

# JSON can say what PostgreSQL cannot hold: a NUL, half a surrogate pair, a number without bounds.
# Each may find more than there is.
DOUBTFUL = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
HUGE = re.compile(r"[eE][+-]?\d{4}|.{4000}")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Refused(Exception):
    """The request is not the source's, or not for us. Nothing of it is to be stored."""


class Unstorable(Exception):
    """Something in a body has to be replaced."""


@dataclass(frozen=True, slots=True)
class Body:
    """JSON: as it came, but for what PostgreSQL cannot hold, and what it says."""

    text: str
    said: Any


def read_body(body: bytes) -> Body:
    """What a body says; raises `Refused` if it is no JSON.

    What PostgreSQL cannot hold is replaced: refusing it would have its source send it for ever.
    """
    try:
        text = body.decode()
        try:
            said = READER.decode(text)
        except Unstorable:
            return cleaned(json.loads(text))
    except (ValueError, RecursionError):
        raise Refused("the body is no JSON") from None
    return cleaned(said) if DOUBTFUL.search(text) else Body(text, said)


def bounded(number: str) -> float:
    """A number; raises `Unstorable` if it may be too large."""
    if HUGE.search(number):
        raise Unstorable
    return float(number)


def unbounded(name: str) -> NoReturn:
    """NaN or infinity."""
    raise Unstorable


# The hooks cost nothing where there are no such numbers; looking through the text would.
READER = json.JSONDecoder(parse_float=bounded, parse_constant=unbounded)


def cleaned(said: Any) -> Body:
    """The body that says the same, but for what PostgreSQL cannot hold."""
    clean = replaced(said)
    return Body(json.dumps(clean), clean)


def replaced(value: Any) -> Any:
    """The same, but for what PostgreSQL cannot hold."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): replaced(each) for name, each in value.items()}
    if isinstance(value, list):
        return [replaced(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def storable(text: str) -> str:
    """A text, with a sign for each character that was none."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
