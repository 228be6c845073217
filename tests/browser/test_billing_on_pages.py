"""The whole life of a subscription, by clicking, at a project without any key of Stripe's."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.signing_up import sign_up
from tests.browser.window import Window
from tests.counting import Record

STACKS = ("django", "hybrid")
SANDBOX = "/dev/stripe"


@pytest.fixture(params=STACKS)
def origin(request: pytest.FixtureRequest, origin_of: Callable[[str], str]) -> str:
    return origin_of(str(request.param))


class Team:
    """A team and its pages, in the window of its owner."""

    def __init__(self, window: Window, name: str) -> None:
        self.window = window
        window.go("/teams/")
        window.page.get_by_label("Name of the team").fill(name)
        window.press("Make the team")
        window.page.wait_for_url(re.compile(r"/teams/\d+/$"))
        self.address = window.page.url

    def on_billing(self, words: str) -> None:
        """Its billing page says so, now or when the news are there."""
        self.window.go(f"{self.address}billing/")
        self.window.until(words)

    def may_export(self) -> bool:
        """Whether its plan has the export; else the page says which plan does."""
        self.window.go("/projects/")
        self.window.press("Export by mail")
        self.window.page.get_by_role("main").get_by_text(
            re.compile("on its way|is part of")
        ).wait_for()
        return "on its way" in self.window.text()


def pay(window: Window, button: str, card: str = "Pays visa") -> None:
    """Pay on a page of Stripe's, with a card that does what it is called for."""
    window.page.wait_for_url(f"**{SANDBOX}/**")
    window.page.get_by_role("radio", name=re.compile(f"^{card}")).check()
    window.page.get_by_role("button", name=re.compile(button)).click()


def pass_time(window: Window, *steps: str) -> None:
    """Move the clock of Stripe."""
    window.go(SANDBOX)
    for step in steps:
        window.page.get_by_role("button", name=f"+ {step}", exact=True).click()


def refuse_next_payment(window: Window) -> None:
    window.go(SANDBOX)
    window.page.get_by_role("button", name="Refuse the next payment").click()


def test_a_team_subscribes_grows_fails_to_pay_recovers_and_leaves(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin) as window, Window(browser, origin) as friend:
        sign_up(friend)
        sign_up(window)
        team = Team(window, "Initech")
        try_pro(window, team)
        gain_and_lose(window, team, friend)
        fail_and_recover(window, team)
        change_to_business(window, team)
        cancel_and_leave(window, team)
    record_property("browser journeys", 1)


def try_pro(window: Window, team: Team) -> None:
    """From the page that says what is missing to a trial; the bank asks about the card."""
    assert not team.may_export()
    window.press("See the plans")
    window.press("Try 14 days free with Pro")
    pay(window, "Start trial", "Asks for 3-D Secure once")
    window.press("Yes, it is me")
    window.page.wait_for_url(re.compile(r"/billing/$"))
    team.on_billing("The trial ends on")
    assert team.may_export()


def gain_and_lose(window: Window, team: Team, friend: Window) -> None:
    """Whoever joins is paid for, and whoever goes is not."""
    window.go(team.address)
    window.page.get_by_label("E-mail address").fill(friend.email)
    window.press("Send the invitation")
    friend.go("/teams/")
    friend.press("Join Initech")
    friend.arrive("/dashboard/")
    team.on_billing("for 2 members")
    window.go(team.address)
    window.press(f"Remove {friend.email}")
    team.on_billing("$29 per month, without")


def fail_and_recover(window: Window, team: Team) -> None:
    """The first payment fails; for some days nothing is lost, and it is made good."""
    refuse_next_payment(window)
    pass_time(window, "1 week", "1 week", "1 day")
    team.on_billing("An invoice is not paid")
    assert window.mail("failed")
    assert team.may_export()
    window.page.get_by_role("complementary", name="Plan of your team").wait_for()
    team.on_billing("An invoice is not paid")
    window.press("Pay the invoice")
    pay(window, "^Pay")
    team.on_billing("It renews on")
    assert window.mail("in order again")


def change_to_business(window: Window, team: Team) -> None:
    """A larger plan says what it costs now, before."""
    window.press("Change the plan")
    window.press("Change to Business")
    window.page.get_by_role("button", name=re.compile(r"^Pay \$[\d.]+ and change$")).click()
    team.on_billing("$99 per month")


def cancel_and_leave(window: Window, team: Team) -> None:
    """It is canceled, kept after all, canceled again, and ends with its period."""
    for keeps in (True, False):
        window.press("Cancel")
        window.press("Cancel the subscription")
        team.on_billing("It ends on")
        if keeps:
            window.press("Keep Business")
            team.on_billing("It renews on")
    assert team.may_export()
    pass_time(window, "1 month")
    team.on_billing("Your team has no subscription.")
    assert window.mail("has ended")
    assert not team.may_export()


def test_every_page_of_billing_fits_a_phone_in_the_dark(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin, phone=True, dark=True) as window:
        for path in ("/pricing/", "/pricing/?interval=year&currency=eur"):
            window.go(path)
            assert window.fits(), path
        sign_up(window)
        team = Team(window, "Hooli")
        assert not team.may_export()
        assert window.fits()
        window.go("/pricing/")
        window.press("Subscribe to Business")
        pay(window, "^(Pay|Subscribe)")
        window.page.wait_for_url(re.compile(r"/billing/$"))
        for path in ("", "invoices/", "cancel/", "change/?plan=pro&interval=year"):
            window.go(f"{team.address}billing/{path}")
            assert window.fits(), path
    record_property("browser journeys", 1)
