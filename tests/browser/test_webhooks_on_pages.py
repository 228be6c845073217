"""A webhook from its making to a delivery that its receiver believes, by clicking."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.signing_up import sign_up
from tests.browser.window import Window
from tests.counting import Record

STACKS = ("django", "hybrid")
RECEIVER = "/dev/receiver"


@pytest.fixture(params=STACKS)
def origin(request: pytest.FixtureRequest, origin_of: Callable[[str], str]) -> str:
    return origin_of(str(request.param))


def set_receiver(window: Window, behaviour: str, secrets: str) -> None:
    """How the stand-in for somebody's server answers, and what it checks signatures with."""
    window.go(RECEIVER)
    window.page.get_by_role("combobox").select_option(behaviour)
    window.page.get_by_role("textbox").fill(secrets)
    window.page.get_by_role("button", name="Set").click()


def open_webhooks(window: Window) -> None:
    """The webhooks of the personal team, by way of the team's page."""
    window.go("/teams/")
    window.page.get_by_role("main").get_by_role("list").get_by_role("link").first.click()
    window.press("Webhooks")


def test_a_webhook_is_made_tried_out_rotated_and_sent_again(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin, phone=True, dark=True) as window:
        sign_up(window)
        open_webhooks(window)
        secret = make_and_copy(window, origin)
        set_receiver(window, "takes it (200)", secret)
        address = try_out(window)
        former = rotate(window, address)
        assert former != secret
        fail_and_send_again(window, former)
    record_property("browser journeys", 1)


def make_and_copy(window: Window, origin: str) -> str:
    """Fill the form by keyboard, and copy the secret by its button; answers the secret."""
    window.press("Make the first webhook")
    assert window.fits()
    keyboard = window.page.keyboard
    window.page.get_by_label("Address").focus()
    keyboard.type("https://10.0.0.1/")
    keyboard.press("Enter")
    window.page.get_by_role("alert").get_by_text("everybody can reach").wait_for()
    window.page.get_by_label("Address").fill(f"{origin}{RECEIVER}/in")
    assert not window.page.get_by_text("project.created").is_visible()
    window.page.get_by_label("Those that I choose").check()
    window.page.get_by_label("project.archived").uncheck()
    window.press("Make the webhook")
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.press("Copy the secret")
    window.page.get_by_text("Copied").wait_for()
    copied = window.page.evaluate("navigator.clipboard.readText()")
    assert copied == window.page.get_by_role("textbox", name="Secret").input_value()
    assert window.fits()
    return str(copied)


def try_out(window: Window) -> str:
    """Send a test, which arrives and is believed; answers the webhook's page."""
    open_webhooks(window)
    window.page.get_by_role("main").get_by_role("list").get_by_role("link").first.click()
    address = window.page.url
    assert window.page.get_by_role("textbox", name="Secret").count() == 0
    window.press("Send a test")
    window.until("Delivered")
    assert window.fits()
    window.go(RECEIVER)
    window.page.get_by_text("The signature fits").wait_for()
    return address


def rotate(window: Window, address: str) -> str:
    """Make a new secret; loading the answer again makes no other. Answers the secret."""
    window.go(address)
    window.page.get_by_text("Change the secret").click()
    window.press("Make a new secret")
    return window.page.get_by_role("textbox", name="Secret").input_value()


def fail_and_send_again(window: Window, secret: str) -> None:
    """An event of the product fails, which its page tells, and then is sent again."""
    set_receiver(window, "fails (500)", secret)
    window.go("/projects/new/")
    window.page.get_by_label("Name").fill("Website")
    window.press("Make it")
    open_webhooks(window)
    window.page.get_by_role("main").get_by_role("list").get_by_role("link").first.click()
    window.press("project.created")
    window.until("It answered 500")
    assert "Something went wrong here" in window.text()
    delivery = window.page.url
    set_receiver(window, "takes it (200)", secret)
    window.go(delivery)
    window.press("Send it now")
    window.until("Delivered")
