"""Holds an answer against what stripe-python's own annotations say of the object.

Every field that is not optional must be there, every value must have the type that is said, words
must be among those that are named, and nothing may be there that Stripe does not have.
"""

import decimal
import inspect
import sys
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import UntypedStripeObject

# Fields that every StripeObject has for itself.
OWN = frozenset({"OBJECT_NAME"})


@cache
def fields_of(kind: type) -> dict[str, Any]:
    """The annotated fields of a class of stripe-python."""
    fields: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, StripeObject) and base is not StripeObject:
            fields |= inspect.get_annotations(base)
    return {name: hint for name, hint in fields.items() if name not in OWN and name[0] != "_"}


@cache
def resolved(hint: Any, kind: type) -> Any:
    """The hint as an object; the library writes most of those of other modules as texts."""
    if isinstance(hint, ForwardRef):
        hint = hint.__forward_arg__
    if not isinstance(hint, str):
        return hint
    module = vars(sys.modules[kind.__module__])
    known = {**vars(typing), **vars(stripe), **module, **vars(kind)}
    if hint in {"Account", "BankAccount", "Card", "CardResource", "Source"} and hint not in known:
        return StripeObject
    if hint not in known:
        modules = [each for each in vars(stripe).values() if isinstance(each, types.ModuleType)]
        return next((getattr(each, hint) for each in modules if hasattr(each, hint)), StripeObject)
    return eval(hint, known)  # noqa: S307  # the library's own words


def violations(value: Any, hint: Any, kind: type, place: str) -> Iterator[str]:
    """What is wrong with a value that should be what the hint says."""
    hint = resolved(hint, kind)
    origin = get_origin(hint)
    if hint is Any:
        return
    if origin is Union:
        yield from of_union(value, list(get_args(hint)), kind, place)
    elif origin is Literal:
        if value not in get_args(hint):
            yield f"{place}: {value!r} is none of {get_args(hint)[:8]}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{place}: {value!r} is no list"
            return
        for number, each in enumerate(value):
            yield from violations(each, get_args(hint)[0], kind, f"{place}[{number}]")
    elif origin is not None and issubclass(origin, ListObject):
        yield from of_list(value, get_args(hint)[0], kind, place)
    elif origin is not None and issubclass(origin, UntypedStripeObject):
        if not isinstance(value, dict):
            yield f"{place}: {value!r} is no mapping"
            return
        for name, each in value.items():
            yield from violations(each, get_args(hint)[0], kind, f"{place}.{name}")
    elif hint is decimal.Decimal:
        if not isinstance(value, str) or not is_decimal(value):
            yield f"{place}: {value!r} is no decimal in a text"
    elif hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{place}: {value!r} is no number"
    elif hint in {str, int, bool}:
        if type(value) is not hint:
            yield f"{place}: {value!r} is no {hint.__name__}"
    elif isinstance(hint, type) and issubclass(hint, StripeObject):
        yield from of_object(value, hint, place)
    else:
        yield f"{place}: this test does not know {hint!r}"


def of_union(value: Any, hints: list[Any], kind: type, place: str) -> Iterator[str]:
    """One of several. A word must be a named one, though the library lets it be any text."""
    if value is None:
        if type(None) not in hints:
            yield f"{place}: must not be null"
        return
    hints = [hint for hint in hints if hint is not type(None)]
    words = [hint for hint in hints if get_origin(hint) is Literal]
    if words and isinstance(value, str):
        hints = words
    found = [list(violations(value, hint, kind, place)) for hint in hints]
    if all(found):
        yield from min(found, key=len)


def of_list(value: Any, hint: Any, kind: type, place: str) -> Iterator[str]:
    """A list object."""
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
        yield f"{place}: {value!r} is no list object"
        return
    for number, each in enumerate(value["data"]):
        yield from violations(each, hint, kind, f"{place}.data[{number}]")


def of_object(value: Any, kind: type, place: str) -> Iterator[str]:
    """An object of this class, or of the class that it says it is."""
    if not isinstance(value, dict):
        yield f"{place}: {value!r} is no {kind.__name__}"
        return
    said = get_object_class("V1", value["object"]) if isinstance(value.get("object"), str) else None
    if said is not None and said is not StripeObject:
        if kind is not StripeObject and not issubclass(said, kind):
            yield f"{place}: is {value['object']}, should be {kind.__name__}"
            return
        kind = said
    if kind is StripeObject:
        return
    fields = fields_of(kind)
    for name in value.keys() - fields.keys():
        yield f"{place}.{name}: Stripe has no such field in {kind.__qualname__}"
    for name, hint in fields.items():
        if name in value:
            yield from violations(value[name], hint, kind, f"{place}.{name}")
        elif type(None) not in get_args(hint):
            yield f"{place}.{name}: is missing"


def is_decimal(text: str) -> bool:
    """Whether the text is a decimal number."""
    try:
        decimal.Decimal(text)
    except decimal.InvalidOperation:
        return False
    return True


def check(answer: dict[str, Any]) -> None:
    """Raise AssertionError that tells all that is wrong with an answer of the API."""
    name = answer["object"]
    if name == "list":
        for each in answer["data"]:
            check(each)
        return
    if answer.get("deleted"):
        assert set(answer) == {"id", "object", "deleted"}
        return
    kind = get_object_class("V1", name)
    assert kind is not StripeObject, f"stripe-python knows no {name}"
    found = list(of_object(answer, kind, name))
    if name == "event":
        found += of_object(answer["data"]["object"], StripeObject, f"{answer['type']}: data.object")
    assert not found, "\n".join(found)
