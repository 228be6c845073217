"""Every page, with every kind of visitor."""

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from tests.web.authorization.declare import OUTSIDE, STRANGERS, Page, Visitor, Visitors
from tests.web.authorization.routes import Route, pages
from tests.web.authorization.table import AREAS, OPEN, PAGES
from tests.web.authorization.world import World

pytestmark = pytest.mark.django_db
ROUTES = pages()
NAMED = [route for name, route in ROUTES.items() if name in PAGES]
OTHERS = [route for name, route in ROUTES.items() if name not in PAGES]


def visit(world: World, visitor: Visitor, route: Route, page: Page) -> Any:
    """Go there once; what it changes is undone."""
    with transaction.atomic():
        browser = world.browser(visitor)
        url = route.url(world.home)
        send = browser.post if page.method == "POST" else browser.get
        response = send(url, dict(page.data))
        transaction.set_rollback(True)
    return response


def expected(page: Page, route: Route, visitor: Visitor) -> int:
    """What the table says."""
    if visitor in page.who:
        return page.status
    if visitor in STRANGERS:
        return page.strangers
    return 404 if "team_id" in route.parameters and visitor in OUTSIDE else page.refused


def area_of(route: Route) -> Visitors | None:
    """Who may be let in by the pages around this one."""
    return next((who for prefix, who in AREAS.items() if route.pattern.startswith(prefix)), None)


def test_every_page_is_in_a_table() -> None:
    missing = [route.name for route in OTHERS if area_of(route) is None]
    assert not missing, f"Say in tests/product/web/authorization.py who may open these: {missing}"
    gone = (PAGES.keys() | OPEN) - ROUTES.keys()
    assert not gone, f"There are no such pages any more: {gone}"


@pytest.mark.parametrize("route", NAMED, ids=lambda route: route.name)
def test_a_page_lets_in_whom_the_table_names(route: Route, world: World) -> None:
    page = PAGES[route.name]
    for visitor in Visitor:
        response = visit(world, visitor, route, page)
        wanted = expected(page, route, visitor)
        assert response.status_code == wanted, f"{route.name}: {visitor}"
        if visitor not in page.who and wanted == 302:
            assert response["Location"].startswith(reverse("account_login"))
        assert_nothing_leaks(response, world, visitor, route)


@pytest.mark.parametrize("route", OTHERS, ids=lambda route: route.name)
def test_an_area_is_closed_to_all_others(route: Route, world: World) -> None:
    for visitor in Visitor:
        response = visit(world, visitor, route, Page(frozenset()))
        assert response.status_code < 500, f"{route.name}: {visitor}"
        inside = visitor in (area_of(route) or ()) or route.name in OPEN
        if not inside:
            allowed = (301, 302, 401, 403, 404, 405)
            assert response.status_code in allowed, f"{route.name}: {visitor}"
        if visitor is not Visitor.STAFF or not route.pattern.startswith("admin/"):
            assert_nothing_leaks(response, world, visitor, route)


def assert_nothing_leaks(response: Any, world: World, visitor: Visitor, route: Route) -> None:
    """The answer has no word of a team that the visitor is not in."""
    content = b"".join(response) if response.streaming else response.content
    for word in world.hidden_from(visitor):
        assert word.encode() not in content, f"{route.name} shows {word} to {visitor}"
