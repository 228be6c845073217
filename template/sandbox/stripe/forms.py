"""The form encoding of Stripe's API: `items[0][price]=price_1`, and typed access to what it held.

A handler takes what it knows; whatever it did not take is then refused, as Stripe refuses unknown
parameters. Nothing is silently ignored.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import invalid, missing_param, unknown_param

Json = dict[str, Any]


def parse(encoded: str) -> Json:
    """The nested values of a form or a query; every leaf is text."""
    values: Json = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        place, key = values, first
        for position, part in enumerate(rest):
            inner = place.setdefault(key, {})
            if not isinstance(inner, dict):
                raise invalid(f"Invalid parameter: {name}", name)
            place, key = inner, part or str(len(inner))
            if part == "" and position < len(rest) - 1:
                raise invalid(f"Invalid array: {name}", name)
        place[key] = value
    return {name: _with_lists(value) for name, value in values.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(inner) for key, inner in value.items()}


class Params:
    """The parameters of one request, or of one place inside them."""

    def __init__(self, values: Json, inside: str = "") -> None:
        self._values = values
        self._inside = inside
        self._taken: set[str] = set()
        self._children: dict[str, list[Params]] = {}

    def name(self, key: str) -> str:
        """The parameter's full name, as errors say it."""
        return f"{self._inside}[{key}]" if self._inside else key

    def has(self, key: str) -> bool:
        """Whether it was sent, though it may be empty."""
        return key in self._values

    def keys(self) -> list[str]:
        """What was sent."""
        return list(self._values)

    def again(self) -> "Params":
        """The same, of which nothing was taken yet."""
        return Params(self._values, self._inside)

    def _take(self, key: str) -> Any:
        self._taken.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """A text; None if it was not sent or is empty, which unsets."""
        value = self._take(key)
        if value is not None and not isinstance(value, str):
            raise invalid(f"Invalid string: {value!r}", self.name(key))
        return value or None

    def required(self, key: str) -> str:
        """A text that must be there."""
        value = self.text(key)
        if value is None:
            raise missing_param(self.name(key))
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of these words."""
        value = self.text(key) or default
        if value not in choices:
            raise invalid(
                f"Invalid {self.name(key)}: must be one of {', '.join(choices)}", self.name(key)
            )
        return value

    def integer(self, key: str, *, least: int | None = None) -> int | None:
        """A whole number."""
        text = self.text(key)
        if text is None:
            return None
        try:
            value = int(text)
        except ValueError:
            raise invalid(
                f"Invalid integer: {text}", self.name(key), "parameter_invalid_integer"
            ) from None
        if least is not None and value < least:
            raise invalid(
                f"This value must be greater than or equal to {least}.",
                self.name(key),
                "parameter_invalid_integer",
            )
        return value

    def decimal(self, key: str) -> float | None:
        """A number that need not be whole."""
        text = self.text(key)
        try:
            return None if text is None else float(text)
        except ValueError:
            raise invalid(f"Invalid decimal: {text}", self.name(key)) from None

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        text = self.text(key)
        if text is None:
            return default
        if text not in {"true", "false"}:
            raise invalid(f"Invalid boolean: {text}", self.name(key))
        return text == "true"

    def mapping(self, key: str) -> dict[str, str]:
        """Names and texts, as metadata are; empty texts unset."""
        value = self._take(key)
        if value in (None, ""):
            return {}
        if not isinstance(value, dict):
            raise invalid("Invalid hash", self.name(key))
        return {name: str(inner) for name, inner in value.items()}

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self._take(key)
        if value in (None, ""):
            return []
        if not isinstance(value, list):
            raise invalid("Invalid array", self.name(key))
        return [str(each) for each in value]

    def inside(self, key: str) -> "Params":
        """The parameters inside this one; none if it was not sent."""
        value = self._take(key)
        if value not in (None, "") and not isinstance(value, dict):
            raise invalid("Invalid object", self.name(key))
        if key not in self._children:
            self._children[key] = [Params(value or {}, self.name(key))]
        return self._children[key][0]

    def each(self, key: str) -> list["Params"]:
        """The parameters inside each element of a list."""
        value = self._take(key)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise invalid("Invalid array", self.name(key))
        if key not in self._children:
            self._children[key] = [
                Params(each, f"{self.name(key)}[{position}]") for position, each in enumerate(value)
            ]
        return self._children[key]

    def accept(self, *keys: str) -> None:
        """Take what Stripe knows and what changes nothing here."""
        self._taken.update(keys)

    def check_all_taken(self) -> None:
        """Refuse what nobody took."""
        for name in self._left_over():
            raise unknown_param(name)

    def _left_over(self) -> Iterator[str]:
        yield from (self.name(key) for key in self._values if key not in self._taken)
        for children in self._children.values():
            for child in children:
                yield from child._left_over()


def merge_metadata(former: Json | None, params: Params) -> Json:
    """The metadata after a request: keys are added or replaced, and removed by an empty text."""
    if not params.has("metadata"):
        return former or {}
    sent = params.mapping("metadata")
    if not sent:
        return {}
    return {name: value for name, value in {**(former or {}), **sent}.items() if value != ""}
