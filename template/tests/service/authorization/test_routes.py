"""Everybody tries every route, and gets what the table says, and nothing of another team."""

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from tests.service.authorization.declare import EVERYBODY, Rule, Visitor
from tests.service.authorization.routes import routes
from tests.service.authorization.table import AREAS, RULES
from tests.service.authorization.world import Maker, World
from tests.service.conftest import make_client

pytestmark = pytest.mark.anyio

WHERE = (
    "{} is in no table, so nobody knows who may use it. Say so in"
    " the table of tests/product/service, or for a route of the template in"
    " tests/service/authorization/table.py."
)


def filled(value: Any, names: dict[str, Any]) -> Any:
    """The body, with the ids of the world in it."""
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    if isinstance(value, str) and value.startswith("{"):
        return names[value[1:-1]]
    return value


def names_for(rule: Rule, world: World) -> dict[str, Any]:
    """The ids in the address: of what the home team has, or of what the outsider has received."""
    return world.home | (world.received if Visitor.OUTSIDER in rule.who else {})


def test_every_route_is_in_the_table_and_the_table_names_no_other() -> None:
    found = set(routes())
    for route in sorted(found):
        where = route.removeprefix("* ") in AREAS if route.startswith("*") else route in RULES
        assert where, WHERE.format(route)
    assert set(RULES) <= found, set(RULES) - found


@pytest.mark.parametrize("route", sorted(RULES))
async def test_everybody_gets_what_the_table_says(app: FastAPI, maker: Maker, route: str) -> None:
    method, path = route.split(" ", 1)
    rule, world = RULES[route], maker.world()
    for number, visitor in enumerate(Visitor):
        names = names_for(rule, world)
        address, body = path.format(**names), filled(rule.body, names)
        # Each from an address of their own: attempts are counted for each.
        token, ip = world.tokens.get(visitor, ""), f"192.0.2.{number}"
        async with make_client(app, token=token, ip=ip) as client:
            answer = await client.request(method, address, json=body)
        expected = rule.expected(visitor, below_team="{team_id}" in path)
        right = answer.status_code < 400 if expected == 0 else answer.status_code == expected
        assert right, f"{visitor}: {route} answered {answer.status_code}: {answer.text[:300]}"
        for word in world.hidden_from(visitor):
            assert word not in answer.text, f"{visitor} reads about {word}: {route}"
        if answer.status_code >= 400 and rule.who != EVERYBODY:
            assert answer.headers["Content-Type"] == "application/problem+json", route
        if method != "GET" and answer.status_code < 400:
            world = maker.world()


@pytest.mark.parametrize("area", sorted(AREAS))
async def test_nobody_enters_an_area_of_the_staff(app: FastAPI, maker: Maker, area: str) -> None:
    """With no token that is valid elsewhere, be it the staff's own: the area has its own login."""
    world = maker.world()
    (mount,) = (each for each in app.routes if isinstance(each, Mount) and each.path == area)
    for route in mount.routes:
        if not isinstance(route, Route):
            continue
        address = area + route.path.replace("{key}", "user").replace("{storage}", "x")
        address = address.replace("{path:path}", "x")
        for method in sorted(route.methods or {"GET"}):
            for visitor in Visitor:
                async with make_client(app, token=world.tokens.get(visitor, "")) as client:
                    answer = await client.request(method, address)
                inside = answer.status_code < 300 and not address.endswith("/login")
                assert not inside, f"{visitor}: {method} {address}"
                assert "canary" not in answer.text, f"{visitor}: {method} {address}"
