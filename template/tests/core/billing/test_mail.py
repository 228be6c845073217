"""The mails of billing say what happened, and lead to where something can be done about it."""

from pathlib import Path

import pytest

from core.billing import letters
from core.mail import render_mail

TEMPLATES = Path(letters.__file__).with_name("mail")
NAMES = sorted(path.stem for path in TEMPLATES.glob("*.txt"))
PAGE = "https://app.example.com/teams/1/billing/?a=1&b=2"
CONTEXT: dict[str, object] = {
    "plan": "<b>Pro",
    "team": "<b>Acme",
    "date": "3 January 2027",
    "amount": "$29",
    "invoice": "ABC-0001",
    "again": "6 January 2027",
    "pay_url": "https://pay.example.com/x?a=1&b=2",
    "unpaid": False,
    "url": PAGE,
}


@pytest.mark.parametrize("name", NAMES)
def test_each_has_both_parts_and_its_links(name: str) -> None:
    mail = render_mail(name, CONTEXT)
    assert mail.subject
    assert "<b>Acme" in mail.text
    assert "<b>" not in mail.html
    assert PAGE in mail.text
    assert 'href="https://app.example.com/teams/1/billing/?a=1&amp;b=2"' in mail.html
    if name in {"payment_failed", "payment_action_required"}:
        assert "https://pay.example.com/x?a=1&b=2" in mail.text
        assert 'href="https://pay.example.com/x?a=1&amp;b=2"' in mail.html


def test_the_last_attempt_promises_no_other() -> None:
    assert "6 January 2027" in render_mail("payment_failed", CONTEXT).text
    last = render_mail("payment_failed", {**CONTEXT, "again": ""})
    for part in (last.text, last.html):
        assert "We will not try again" in part


def test_an_end_for_want_of_payment_says_so() -> None:
    ended = render_mail("subscription_ended", {**CONTEXT, "unpaid": True})
    for part in (ended.text, ended.html):
        assert "because its payment failed" in part
    assert "payment" not in render_mail("subscription_ended", CONTEXT).text
