"""What owners and admins do with webhooks on their pages."""

from html import unescape
from typing import Any

import pytest
from django.test import Client, override_settings

from core.env import get_settings
from core.outgoing import desk
from core.outgoing.endpoints import MOST_ENDPOINTS
from core.outgoing.schemas import MadeWebhook, NewWebhook
from tests.web.outgoing.conftest import URL, Desk, answered, execute, send
from web.accounts.models import User
from web.outgoing.models import Delivery, Endpoint
from web.teams.models import Team

FORM = {"url": URL, "description": "Orders", "which": "all"}


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form that came back says, by field."""
    assert answer.status_code == 200
    found: dict[str, list[str]] = dict(answer.context["form"].errors)
    return found


def test_a_webhook_is_made_and_its_secret_is_shown_once(pages: Desk) -> None:
    assert "Make the first webhook" in pages.read("team_webhooks")
    answer = pages.post("new_webhook", **FORM)
    secret = answer.context["secret"]
    assert secret.startswith("whsec_")
    assert secret in unescape(answer.content.decode())
    assert "no-store" in answer["Cache-Control"]
    endpoint = Endpoint.objects.get()
    assert (endpoint.url, endpoint.description, endpoint.event_types) == (URL, "Orders", [])
    for shown in (
        pages.read("team_webhook", endpoint.pk),
        pages.read("team_webhooks"),
        pages.read("edit_webhook", endpoint.pk),
        pages.read("team_audit_log"),
    ):
        assert secret not in unescape(shown)
    assert "made the webhook to hooks.example.com" in pages.read("team_audit_log")


def test_all_events_are_told_unless_some_are_chosen(pages: Desk) -> None:
    form = pages.browser.get(pages.address("new_webhook")).context["form"]
    assert form["which"].initial == "all"
    boxes = {box.data["value"]: box.data["selected"] for box in form["event_types"]}
    assert boxes
    assert all(boxes.values())
    # A test goes to whom it is sent.
    assert "webhook.test" not in boxes
    nothing = pages.post("new_webhook", **FORM | {"which": "some"})
    assert errors_of(nothing) == {"event_types": ["Choose at least one event."]}
    pages.post("new_webhook", **FORM | {"which": "some", "event_types": ["member.added"]})
    endpoint = Endpoint.objects.get()
    assert endpoint.event_types == ["member.added"]
    # What was ticked counts for nothing once all of them are wanted.
    pages.post("edit_webhook", endpoint.pk, **FORM | {"event_types": ["member.added"]})
    endpoint.refresh_from_db()
    assert endpoint.event_types == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "http://hooks.example.com/"),
        ("url", "https://127.0.0.1/"),
        ("url", "https://localhost/"),
        ("url", "not an address"),
        ("url", f"https://hooks.example.com/{'x' * 2000}"),
        ("description", "x" * 201),
        ("description", "two\nlines"),
        ("which", "neither"),
        ("event_types", ["project.vanished"]),
    ],
)
def test_what_is_wrong_is_said_at_its_field(pages: Desk, field: str, value: object) -> None:
    answer = pages.post("new_webhook", **FORM | {field: value})
    assert list(errors_of(answer)) == [field]
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_second_to_the_same_address_and_one_too_many_are_refused(
    pages: Desk, made: MadeWebhook
) -> None:
    answer = pages.post("new_webhook", **FORM)
    assert "Another webhook of this team has this address" in str(errors_of(answer)["__all__"])
    for number in range(1, MOST_ENDPOINTS):
        wanted = NewWebhook(url=f"{URL}/{number}")
        desk.create_webhook(execute, pages.team.pk, wanted)
    answer = pages.post("new_webhook", **FORM | {"url": f"{URL}/more"})
    assert f"There are {MOST_ENDPOINTS}" in str(errors_of(answer)["__all__"])
    assert Endpoint.objects.count() == MOST_ENDPOINTS


def test_a_webhook_is_changed(pages: Desk, made: MadeWebhook) -> None:
    assert f'value="{URL}"' in pages.read("edit_webhook", made.id)
    answer = pages.post("edit_webhook", made.id, **FORM | {"url": f"{URL}/new"})
    assert f"{URL}/new" in answer.content.decode()
    refused = pages.post("edit_webhook", made.id, **FORM | {"url": "http://10.0.0.1/"})
    assert list(errors_of(refused)) == ["url"]
    assert Endpoint.objects.get().url == f"{URL}/new"


def test_a_new_secret_is_shown_once_and_a_reload_makes_no_other(
    pages: Desk, made: MadeWebhook
) -> None:
    known = pages.browser.get(pages.address("team_webhook", made.id)).context["known"]
    answer = pages.post("rotate_webhook_secret", made.id, known=known)
    secret = answer.context["secret"]
    assert secret not in ("", made.secret)
    assert secret in unescape(answer.content.decode())
    stored = Endpoint.objects.values_list("secret", "former_secret").get()
    again = pages.post("rotate_webhook_secret", made.id, known=known)
    assert "changed meanwhile" in again.content.decode()
    assert Endpoint.objects.values_list("secret", "former_secret").get() == stored
    assert "signs too until" in pages.read("team_webhook", made.id)


def test_a_webhook_is_switched_off_and_on(pages: Desk, made: MadeWebhook) -> None:
    off = pages.post("disable_webhook", made.id).content.decode()
    assert "This webhook is switched off" in off
    assert "Send a test" not in off
    refused = pages.post("test_webhook", made.id)
    assert "switched off" in refused.content.decode()
    assert not Delivery.objects.exists()
    on = pages.post("enable_webhook", made.id).content.decode()
    assert "This webhook is switched off" not in on
    assert "Send a test" in on


def test_who_finds_a_webhook_off_reads_why(pages: Desk, made: MadeWebhook) -> None:
    desk.disable_webhook(execute, pages.team.pk, made.id, "Nothing arrived <for> five days.")
    shown = pages.read("team_webhook", made.id)
    assert "Nothing arrived &lt;for&gt; five days." in shown
    assert "Switched off" in pages.read("team_webhooks")


def test_a_webhook_is_deleted_with_its_deliveries(pages: Desk, made: MadeWebhook) -> None:
    answered(send(pages.team, made.id), 200)
    answer = pages.post("delete_webhook", made.id)
    assert answer.redirect_chain[-1][0] == pages.address("team_webhooks")
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()


def test_a_test_leads_to_its_delivery(pages: Desk, made: MadeWebhook) -> None:
    answer = pages.post("test_webhook", made.id, event_type="project.created")
    delivery = Delivery.objects.get()
    assert answer.redirect_chain[-1][0] == pages.address("webhook_delivery", delivery.pk)
    assert delivery.event.type == "project.created"
    unknown = pages.post("test_webhook", made.id, event_type="project.vanished")
    assert unknown.status_code == 200
    assert Delivery.objects.count() == 1


def test_deliveries_are_filtered_and_turned(pages: Desk, made: MadeWebhook) -> None:
    sent = [send(pages.team, made.id) for _ in range(21)]
    answered(sent[-1], 500, "The answer was 500.")
    Delivery.objects.filter(pk=sent[-1]).update(status="failed")
    shown = pages.read("team_webhook", made.id)
    assert shown.count("/webhooks/deliveries/") == 20
    assert "answered 500" in shown
    first = pages.browser.get(pages.address("team_webhook", made.id))
    older = pages.read("team_webhook", made.id, cursor=first.context["older"])
    assert older.count("/webhooks/deliveries/") == 1
    failed = pages.read("team_webhook", made.id, status="failed")
    assert failed.count("/webhooks/deliveries/") == 1
    assert "There is no such delivery" in pages.read(
        "team_webhook", made.id, status="failed", event_type="member.added"
    )
    # What is no filter shows everything.
    assert pages.read("team_webhook", made.id, status="x").count("/webhooks/deliveries/") == 20
    forged = pages.browser.get(pages.address("team_webhook", made.id), {"cursor": "x"})
    assert forged.status_code == 422


def test_a_delivery_shows_what_was_sent_and_answered_and_is_sent_again(
    pages: Desk, made: MadeWebhook
) -> None:
    delivery = send(pages.team, made.id)
    assert "There was none yet" in pages.read("webhook_delivery", delivery)
    answered(delivery, None, "No address of it is public.")
    answered(delivery, 500, "The answer was 500.", "<script>alert(1)</script>")
    Delivery.objects.update(status="failed", attempts=2)
    shown = pages.read("webhook_delivery", delivery)
    for word in (
        "webhook-id: msg_sent",
        "server: theirs",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "No address of it is public.",
        "&quot;type&quot;: &quot;webhook.test&quot;",
    ):
        assert word in shown, word
    assert "<script>alert" not in shown
    again = pages.post("redeliver_webhook", delivery)
    assert "It is sent again" in again.content.decode()
    assert Delivery.objects.get().status == "pending"


def test_the_address_for_trying_out_is_named_in_development_alone(pages: Desk) -> None:
    receiver = f"{get_settings().origin}/dev/receiver"
    assert receiver not in pages.read("new_webhook")
    with override_settings(DEBUG=True):
        assert receiver in pages.read("new_webhook")


def test_what_another_team_has_is_not_there(pages: Desk, made: MadeWebhook, outsider: User) -> None:
    theirs = Team.objects.create_for(outsider, "Globex")
    delivery = send(pages.team, made.id)
    browser = Client()
    browser.force_login(outsider)
    other = Desk(browser, theirs)
    for name in ("team_webhook", "edit_webhook"):
        assert browser.get(other.address(name, made.id)).status_code == 404
    assert browser.get(other.address("webhook_delivery", delivery)).status_code == 404
    changes = {
        "edit_webhook": FORM,
        "delete_webhook": {},
        "enable_webhook": {},
        "disable_webhook": {},
        "rotate_webhook_secret": {"known": "never"},
        "test_webhook": {},
    }
    for name, form in changes.items():
        assert browser.post(other.address(name, made.id), form).status_code == 404, name
    assert browser.post(other.address("redeliver_webhook", delivery)).status_code == 404
    assert Delivery.objects.count() == 1


def test_members_see_no_tab_and_no_page(pages: Desk, member: User, made: MadeWebhook) -> None:
    assert pages.address("team_webhooks") in pages.read("team")
    browser = Client()
    browser.force_login(member)
    assert pages.address("team_webhooks") not in browser.get(pages.address("team")).content.decode()
    assert browser.get(pages.address("team_webhook", made.id)).status_code == 403
