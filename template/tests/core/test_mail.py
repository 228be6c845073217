"""Every mail has a subject, a text part and an HTML part, and repeats names without harm."""

import html
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from core.mail import render, render_mail
from core.mail.message_id import message_id
from core.outbox.current import at_work_on
from core.project import project

TEMPLATES = Path(render.__file__).with_name("templates")
NAMES = sorted(path.stem for path in TEMPLATES.glob("*.txt"))
WITHOUT_A_LINK = ("email_changed", "login_code", "verification_code")
CONTEXT: dict[str, object] = {
    "url": "https://app.example.com/x?a=1&b=2",
    "code": "<b>123456",
    "change": "a <b>passkey was added",
    "inviter": "<b>Ann",
    "team": "<b>Acme",
    "new_email": "<b>new@example.com",
    "removed_email": "<b>old@example.com",
}


def test_every_mail_has_both_parts() -> None:
    pages = {path.stem for path in TEMPLATES.glob("*.html")} - {"base"}
    assert pages == set(NAMES)
    assert len(NAMES) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_names_the_project(name: str) -> None:
    mail = render_mail(name, CONTEXT)
    assert mail.subject
    assert "\n" not in mail.subject
    assert project.name in mail.text
    assert html.escape(project.name) in mail.html.replace("&#34;", "&quot;").replace(
        "&#39;", "&#x27;"
    )


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_A_LINK])
def test_a_mail_holds_its_link_in_both_parts(name: str) -> None:
    mail = render_mail(name, CONTEXT)
    assert "https://app.example.com/x?a=1&b=2" in mail.text
    assert 'href="https://app.example.com/x?a=1&amp;b=2"' in mail.html


def test_what_people_typed_is_escaped_in_html() -> None:
    mail = render_mail("email_changed", CONTEXT)
    assert "<b>new@example.com" in mail.text
    assert "<b>new" not in mail.html


def test_a_mail_without_its_link_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render_mail("verify_email", {})


def test_mails_load_nothing_from_elsewhere() -> None:
    for name in NAMES:
        page = render_mail(name, CONTEXT).html
        assert "src=" not in page
        assert "@import" not in page


def test_each_attempt_of_a_task_sends_the_same_mail() -> None:
    def names(row: int) -> list[str]:
        with at_work_on(row):
            return [
                message_id("welcome", "ann@example.com"),
                message_id("welcome", "bob@example.com"),
                message_id("invitation", "ann@example.com"),
            ]

    assert names(1) == names(1)
    assert len({*names(1), *names(2)}) == 6
    for name in names(1):
        assert name.startswith("<")
        assert name.endswith("@testserver>")


def test_without_a_task_each_mail_is_another() -> None:
    assert message_id("welcome", "ann@example.com") != message_id("welcome", "ann@example.com")
