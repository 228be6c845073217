"""Which function answers which address, and what answers share: lists and expansion."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import invalid, missing
from sandbox.stripe.forms import Json, Params
from sandbox.stripe.world import ON_REQUEST, World

Answer = Callable[..., Json]


@dataclass(frozen=True)
class Route:
    """One address of the API."""

    method: str
    path: re.Pattern[str]
    answer: Answer


class Routes:
    """The addresses of one resource."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def on(self, method: str, path: str) -> Callable[[Answer], Answer]:
        """The function answers this; each `{}` of the path is an argument."""

        def register(function: Answer) -> Answer:
            pattern = re.compile("/v1" + path.replace("{}", r"([\w.%-]+)"))
            self.all.append(Route(method, pattern, function))
            return function

        return register

    def retrieve(self, path: str, kind: str) -> None:
        """The plain way to answer one object."""

        def answer(world: World, params: Params, name: str) -> Json:
            found = world.get(kind, name)
            return {"id": name, "object": kind, "deleted": True} if "_deleted" in found else found

        self.on("GET", path + "/{}")(answer)


def page(world: World, params: Params, found: Iterable[Json], url: str) -> Json:
    """One page of a list, the newest first (Stripe's documentation: "Pagination")."""
    limit = params.integer("limit", least=1)
    limit = 10 if limit is None else limit
    if limit > 100:
        raise invalid("Invalid limit: must be at most 100.", "limit", "parameter_invalid_integer")
    rows = [row for row in reversed(list(found)) if within_created(params, row)]
    names = [row["id"] for row in rows]
    after, before = params.text("starting_after"), params.text("ending_before")
    if after is not None and before is not None:
        raise invalid("You cannot parameterize both starting_after and ending_before.")
    for name in (after, before):
        if name is not None and name not in names:
            raise missing("object", name, "starting_after" if name == after else "ending_before")
    if after is not None:
        rows = rows[names.index(after) + 1 :]
    if before is not None:
        rows = rows[: names.index(before)]
        chosen, has_more = rows[-limit:], len(rows) > limit
    else:
        chosen, has_more = rows[:limit], len(rows) > limit
    data = [world.answer(row) for row in chosen]
    return {"object": "list", "url": f"/v1{url}", "has_more": has_more, "data": data}


def within_created(params: Params, row: Json) -> bool:
    """Whether the object was made in the time that was asked for."""
    if not params.has("created"):
        return True
    bounds = params.inside("created")
    after, after_or_at = bounds.integer("gt"), bounds.integer("gte")
    before, before_or_at = bounds.integer("lt"), bounds.integer("lte")
    created: int = row["created"]
    return (
        (after is None or created > after)
        and (after_or_at is None or created >= after_or_at)
        and (before is None or created < before)
        and (before_or_at is None or created <= before_or_at)
    )


def short_list(url: str, data: list[Json], limit: int = 10) -> Json:
    """A list inside an object, which holds its first few."""
    return {
        "object": "list",
        "data": data[:limit],
        "has_more": len(data) > limit,
        "url": f"/v1{url}",
    }


def expand(world: World, answer: Json, paths: list[str]) -> Json:
    """Put whole objects where the answer names them (Stripe's documentation: "Expanding")."""
    for path in paths:
        names = path.split(".")
        if len(names) > 5 or not _expand(world, answer, names):
            raise invalid(f"This property cannot be expanded ({path}).", "expand")
    return answer


def _expand(world: World, place: Any, names: list[str]) -> bool:
    if isinstance(place, list):
        # A list may be empty, and some of its objects may lack what others have.
        return all(_expand(world, each, names) for each in place)
    if not isinstance(place, dict):
        return place is None
    name, *rest = names
    on_request = ON_REQUEST.get((place.get("object", ""), name))
    if on_request is not None and name not in place:
        found = world.anything(place["id"])
        place[name] = on_request(world, found) if found else None
    if name not in place:
        return False
    value = place[name]
    if isinstance(value, str):
        found = world.anything(value)
        if found is None:
            return False
        place[name] = world.answer(found)
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        place[name] = [
            world.answer(found) if (found := world.anything(each)) else each for each in value
        ]
    return _expand(world, place[name], rest) if rest else True
