"""Finds every route, in the URL configuration and in the registry of the API: no list to forget."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from core.api.operations import Operation
from core.api.table import ALL
from web.api.api import api

API = "api/v1/"
# `<int:pk>` and `(?P<key>.+)`.
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


@dataclass(frozen=True)
class Route:
    """An address, and the name under which the tables know it: its pattern when it has none."""

    name: str
    pattern: str

    @property
    def parameters(self) -> list[str]:
        """What the address is made of."""
        return [one or other for one, other in PARAMETER.findall(self.pattern)]

    def url(self, ids: Mapping[str, object]) -> str:
        """The address of something; what is not known is 1."""
        path = PARAMETER.sub(lambda found: str(ids.get(found[1] or found[2], 1)), self.pattern)
        return "/" + re.sub(r"[\^$]|\.\*", "", path)


def pages() -> dict[str, Route]:
    """Every route that is no operation of the API, by its name."""
    operations = {f"api:{name}" for name in operation_ids()}
    found = walk(get_resolver().url_patterns)
    return {route.name: route for route in found if route.name not in operations}


def walk(
    patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = ""
) -> Iterator[Route]:
    """The routes below these patterns."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, path, inner)
        else:
            yield Route(f"{space}{pattern.name}" if pattern.name else path, path)


def operation_ids() -> list[str]:
    """What the API really serves."""
    return [
        str(operation.operation_id or operation.view_func.__name__)
        for router in api._get_bound_routers()
        for path in router.path_operations.values()
        for operation in path.operations
    ]


def operation_route(operation: Operation) -> Route:
    """The address of an operation."""
    path = operation.path.removeprefix("/").replace("{", "<").replace("}", ">")
    return Route(operation.id, API + path)


def operations() -> dict[str, Operation]:
    """The operations that the API serves; what is in no table of operations fails here."""
    return {name: ALL[name] for name in operation_ids()}
