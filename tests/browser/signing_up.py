"""The way in, for journeys that are about something else."""

from tests.browser.window import Window


def sign_up(window: Window) -> None:
    """Sign up with a password, as far as the dashboard."""
    window.go("/account/signup/")
    window.page.get_by_label("Email").fill(window.email)
    window.page.get_by_label("Password").fill(window.password)
    window.press("Sign up")
    enter_code(window, "confirm")
    window.arrive("/dashboard/")


def enter_code(window: Window, subject: str) -> None:
    window.page.get_by_label("Code").fill(window.mailed_code(subject))
    window.press("Confirm")
