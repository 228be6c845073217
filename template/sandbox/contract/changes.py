"""Which promises of an OpenAPI document a later one breaks.

Callers are programs, often generated from the document. So an operation keeps its name and its
place; it goes on taking what it took; and what it answers can be read as before. New operations,
new optional fields, new fields of answers and new errors break nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.api.examples import resolve
from sandbox.contract.compare import Comparison, Difference
from sandbox.contract.missing import METHODS

Part = Mapping[str, Any]

PATH_PARAMETER = re.compile(r"{[^}]*}")


@dataclass(frozen=True)
class Change:
    """A change that callers may notice; `breaks` when a correct caller may fail."""

    where: str
    what: str
    breaks: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def changes(old: Part, new: Part) -> list[Change]:
    """What a caller may notice, each once."""
    found = [*_of_operations(old, new), *_of_webhooks(old, new), *_of_schemes(old, new)]
    return list(dict.fromkeys(found))


def operations(document: Part) -> dict[str, tuple[str, Part]]:
    """The operations by where they are; names of parameters in the path make no difference."""
    return {
        f"{method.upper()} {PATH_PARAMETER.sub('{}', path)}": (f"{method.upper()} {path}", route)
        for path, routes in document["paths"].items()
        for method, route in routes.items()
        if method in METHODS
    }


def _of_operations(old: Part, new: Part) -> Iterator[Change]:
    present = operations(new)
    places = {route["operationId"]: place for place, route in present.values()}
    for key, (place, before) in operations(old).items():
        name = before["operationId"]
        if key not in present:
            moved = f"it is {places[name]} now" if name in places else "it is gone"
            yield Change(name, f"it was {place}, and {moved}")
            continue
        _, after = present[key]
        if after["operationId"] != name:
            yield Change(name, f"it is called {after['operationId']} now")
        for what, breaks in (
            *_of_callers(before, after),
            *_of_parameters(before, after, old, new),
            *_of_body(before, after, old, new),
            *_of_answers(before, after, old, new),
        ):
            yield Change(name, what, breaks)


Found = Iterator[tuple[str, bool]]


def _of_callers(before: Part, after: Part) -> Found:
    now = after.get("security", [])
    for requirement in before.get("security") or [{}]:
        if now and not any(each.keys() <= requirement.keys() for each in now):
            yield f"who comes with {' and '.join(requirement) or 'nothing'} is refused now", True


def _of_parameters(before: Part, after: Part, old: Part, new: Part) -> Found:
    was, now = parameters(before, old), parameters(after, new)
    for key, parameter in was.items():
        name = f"the parameter `{parameter['name']}` ({parameter['in']})"
        if key not in now:
            yield f"{name} is gone", True
            continue
        if now[key].get("required") and not parameter.get("required"):
            yield f"{name} is required now", True
        given, taken = parameter["schema"], now[key]["schema"]
        for each in Comparison(old, new).differences(given, taken):
            yield request(each, name), True
        if given.get("default") != taken.get("default"):
            yield f"{name} is {taken.get('default')!r} now when it is not sent", False
    for key, parameter in now.items():
        if key not in was and parameter.get("required"):
            yield f"the parameter `{parameter['name']}` ({parameter['in']}) is required now", True


def parameters(route: Part, document: Part) -> dict[tuple[str, str], Part]:
    """The parameters by where they are and what they are called."""
    found = [resolved(each, document) for each in route.get("parameters", [])]
    return {(each["in"], each["name"]): each for each in found}


def resolved(part: Part, document: Part) -> Part:
    """The part, or what it refers to."""
    return resolve(part["$ref"], document) if "$ref" in part else part


def _of_body(before: Part, after: Part, old: Part, new: Part) -> Found:
    was, now = before.get("requestBody"), after.get("requestBody")
    if was is None:
        if now is not None and now.get("required"):
            yield "it asks for a body now", True
        return
    if now is None:
        yield "it takes no body now", True
        return
    if now.get("required") and not was.get("required"):
        yield "it asks for a body now", True
    for media_type, media in was["content"].items():
        if media_type not in now["content"]:
            yield f"its body may not be {media_type} now", True
            continue
        given, taken = media.get("schema", {}), now["content"][media_type].get("schema", {})
        for each in Comparison(old, new).differences(given, taken):
            yield request(each, "its body"), True


def _of_answers(before: Part, after: Part, old: Part, new: Part) -> Found:
    for status, response in before["responses"].items():
        was = resolved(response, old)
        if status not in after["responses"]:
            if status < "400":
                yield f"it does not answer {status} any more", True
            continue
        now = resolved(after["responses"][status], new)
        name = f"its answer {status}"
        for header in was.get("headers", {}):
            if header not in now.get("headers", {}):
                yield f"{name} has no header {header} any more", True
        for media_type, media in was.get("content", {}).items():
            if media_type not in now.get("content", {}):
                yield f"{name} is not {media_type} any more", True
                continue
            read, sent = media.get("schema", {}), now["content"][media_type].get("schema", {})
            yield from answers(Comparison(new, old).differences(sent, read), name)


def _of_webhooks(old: Part, new: Part) -> Iterator[Change]:
    for name, routes in old.get("webhooks", {}).items():
        where = f"the webhook {name}"
        if name not in new.get("webhooks", {}):
            yield Change(where, "it is not sent any more")
            continue
        for method, route in routes.items():
            was = route["requestBody"]["content"]
            now = new["webhooks"][name].get(method, {}).get("requestBody", {}).get("content", {})
            for media_type, media in was.items():
                if media_type not in now:
                    yield Change(where, f"it is not {media_type} any more")
                    continue
                found = Comparison(new, old).differences(now[media_type]["schema"], media["schema"])
                for what, breaks in answers(found, "its body"):
                    yield Change(where, what, breaks)


def _of_schemes(old: Part, new: Part) -> Iterator[Change]:
    before, after = (
        document.get("components", {}).get("securitySchemes", {}) for document in (old, new)
    )
    for name, scheme in before.items():
        for part in ("type", "scheme", "in", "name"):
            now = after.get(name, {}).get(part)
            if name in after and now != scheme.get(part):
                yield Change(f"the security scheme {name}", f"its {part} is {now} now")


def request(difference: Difference, where: str) -> str:
    """What was sent and is not taken any more."""
    at = f"`{difference.at}` of {where}" if difference.at else where
    match difference.kind:
        case "type":
            return f"{at} may not be {difference.what} now"
        case "value":
            return f"{at} may not be {difference.what} now"
        case "required":
            return f"{at} is required now"
        case "unknown":
            return f"{at} is not taken any more"
        case "bound":
            return f"{at} is held to {difference.what} now"


def answers(differences: list[Difference], where: str) -> Found:
    """What is sent now and could not be read before."""
    for difference in differences:
        at = f"`{difference.at}` of {where}" if difference.at else where
        match difference.kind:
            case "type":
                yield f"{at} may be {difference.what} now", True
            case "value":
                # Who reads an answer must expect new values.
                yield f"{at} may be {difference.what} now", False
            case "required":
                gone = difference.what == "gone"
                yield f"{at} is gone" if gone else f"{at} may be missing now", True
            case "unknown" | "bound":
                # Who reads an answer leaves alone what they do not know.
                continue
