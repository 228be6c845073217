"""A person with a browser: keeps cookies, follows links, fills in forms, reads mail."""

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urljoin

import httpx

PATIENCE = 30.0  # seconds that a mail may take


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(named.get("action", ""), named.get("method", "get").lower()))
        elif tag == "input" and self.found and named.get("name"):
            self.found[-1].fields[named["name"]] = named.get("value", "")


class Person:
    def __init__(self, origin: str, email: str, password: str) -> None:
        self.email, self.password = email, password
        self.browser = httpx.Client(base_url=origin, follow_redirects=True, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def get(self, address: str, **headers: str) -> httpx.Response:
        return expect_ok(self.browser.get(address, headers=headers))

    def post_json(self, address: str, body: dict[str, str], **headers: str) -> dict[str, Any]:
        answer = expect_ok(self.browser.post(address, json=body, headers=headers)).json()
        assert isinstance(answer, dict)
        return answer

    def submit(self, page: httpx.Response, path: str = "", **fields: str) -> httpx.Response:
        """Fill in and send the page's form that has these fields and leads to `path`."""
        form = next(
            form
            for form in Forms(page.text).found
            if form.method == "post" and fields.keys() <= form.fields.keys() and path in form.action
        )
        address = urljoin(str(page.url), form.action)
        # A browser says where the form stood.
        headers = {"Referer": str(page.url)}
        return expect_ok(
            self.browser.post(address, data={**form.fields, **fields}, headers=headers)
        )

    def mail(self, subject: str) -> dict[str, Any]:
        """The newest mail to this person whose subject holds `subject`, once it is there."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            mails: list[dict[str, Any]] = self.get("/dev/mail.json").json()
            for mail in mails:
                if self.email in mail["to"] and subject.lower() in mail["subject"].lower():
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"no mail about {subject!r} in {mails}")


def expect_ok(response: httpx.Response) -> httpx.Response:
    assert response.is_success, f"{response.request.method} {response.url}\n{response.text}"
    return response
