"""What holds for every page, yours included: strict headers, nothing from foreign hosts."""

import html
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from core.project import project


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Every address without arguments that the URL configuration knows."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$").replace(r"\Z", "")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif not re.search(r"[<(?*+\[]", route):
            yield f"/{route}"


ADDRESSES = sorted(set(addresses(get_resolver().url_patterns)))


def test_the_addresses_are_found() -> None:
    assert {"/", "/dashboard/", "/account/login/", "/admin/", "/api/v1/me"} <= set(ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_carries_the_strict_headers(
    address: str, client: Client, browser: Client
) -> None:
    for visitor in (client, browser):
        response = visitor.get(address)
        assert response.status_code < 500
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        # Under `no-referrer` browsers post forms with `Origin: null`, which the CSRF check refuses.
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"
        assert response["X-Request-ID"]
        policy = response["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        if not address.startswith("/admin/"):
            assert "unsafe" not in policy


def test_the_admin_runs_no_inline_script(client: Client, db: None) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts


@pytest.mark.parametrize("address", ["/account/login/", "/account/signup/", "/account/"])
def test_pages_show_the_name_escaped_and_load_from_here(
    address: str, browser: Client, client: Client
) -> None:
    visitor = browser if address == "/account/" else client
    page = visitor.get(address).content.decode()
    assert html.escape(project.name) in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert "<script>" not in page
    assert "style=" not in page


def test_an_unknown_page_says_so(client: Client, db: None) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_forged_hosts_are_refused(client: Client, db: None) -> None:
    assert client.get("/", headers={"Host": "evil.example.com"}).status_code == 400
