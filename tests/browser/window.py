"""A person at a real browser: what they see, what they type, and what they must never run into."""

import re
import secrets
import time
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.boot.person import PATIENCE, Person

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
# A device that makes and keeps passkeys, and whose owner always agrees.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Window:
    """One window of a browser with a profile of its own, at one running project.

        with Window(browser, origin) as window:
            window.go("/account/login/")
            window.page.get_by_label("Email").fill(window.email)

    When it closes it fails if a script failed, if the content security policy stopped something,
    if the product answered with an error of its own, or if a page asked another site for anything.
    """

    def __init__(
        self, browser: Browser, origin: str, *, phone: bool = False, dark: bool = False
    ) -> None:
        self.origin = origin
        self.email = f"ann-{secrets.token_hex(4)}@example.com"
        self.password = "violet kettle marches on"  # noqa: S105
        self.problems: list[str] = []
        self.context = browser.new_context(
            base_url=origin,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.context.close()
        # Whatever failed before says more.
        if kind is None:
            assert self.problems == []

    def go(self, path: str) -> None:
        self.page.goto(path)

    def press(self, name: str) -> None:
        """Press the button, or follow the link, of this name in the page's main part."""
        main = self.page.get_by_role("main")
        button = main.get_by_role("button", name=name, exact=True)
        button.or_(main.get_by_role("link", name=name, exact=True)).click()

    def arrive(self, path: str) -> None:
        """Wait until the window is at this path."""
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)

    def until(self, words: str) -> None:
        """Look at this page again until it says so: the news of Stripe come by themselves."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.text():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.page.url} does not say {words!r}: {self.text()}")
            self.page.wait_for_timeout(200)
            self.page.reload()

    def text(self) -> str:
        return self.page.get_by_role("main").inner_text()

    def mail(self, subject: str) -> str:
        """The newest mail with this subject, once it is there."""
        with Person(self.origin, self.email, self.password) as person:
            return str(person.mail(subject)["text"])

    def mailed_code(self, subject: str) -> str:
        """The code in the newest mail with this subject."""
        (code,) = re.findall(r"\b[A-Z]{4}-[A-Z]{4}\b", self.mail(subject))
        return str(code)

    def add_authenticator(self, **options: object) -> None:
        """Give the browser a device for passkeys, as its developer tools can (CDP, WebAuthn)."""
        tools = self.context.new_cdp_session(self.page)
        tools.send("WebAuthn.enable")
        tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **options}})

    def fits(self) -> bool:
        """Whether nothing is cut off to the right."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"))

    def _console(self, message: ConsoleMessage) -> None:
        # That an answer was an error is seen below, where it counts.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"request to another site: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status} from {response.url}")
