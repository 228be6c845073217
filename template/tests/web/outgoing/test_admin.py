"""Staff look at webhooks, send again and switch off; they see no secret and change nothing else."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.encryption import encrypt
from core.outgoing.schemas import MadeWebhook
from core.outgoing.tasks import Deliver
from tests.web.conftest import make_user
from tests.web.outgoing.conftest import answered, send
from web.accounts.models import User
from web.audit.models import Entry
from web.outbox.models import Message
from web.outgoing.models import Delivery, Endpoint
from web.teams.models import Team


@pytest.fixture
def desk(staff: User) -> Client:
    desk = Client()
    desk.force_login(staff)
    return desk


def act(browser: Client, model: str, action: str, *ids: int) -> None:
    """Choose rows, and an action for them."""
    form = {"action": action, "_selected_action": ids}
    browser.post(reverse(f"admin:outgoing_{model}_changelist"), form)


def test_all_is_seen_but_the_secrets(desk: Client, team: Team, made: MadeWebhook) -> None:
    answered(send(team, made.id), 500, "The answer was 500.", "Oh no")
    Endpoint.objects.update(former_secret=encrypt("whsec_former"))
    stored = Endpoint.objects.values_list("secret", "former_secret").get()
    for model, word in (("endpoint", made.url), ("delivery", "Oh no")):
        address = reverse(f"admin:outgoing_{model}_changelist")
        for words, is_there in ((team.name, True), ("nothing of that name", False)):
            rows = desk.get(address, {"q": words}).context["cl"].result_list
            assert bool(rows) is is_there
        pk = desk.get(address).context["cl"].result_list[0].pk
        page = reverse(f"admin:outgoing_{model}_change", args=[pk])
        shown = desk.get(page).content.decode()
        assert word in shown
        for secret in (made.secret, *stored):
            assert secret not in shown
        assert desk.post(page, {"url": "https://evil.example/"}).status_code == 403
        assert desk.get(reverse(f"admin:outgoing_{model}_add")).status_code == 403
        gone = desk.post(reverse(f"admin:outgoing_{model}_delete", args=[pk]))
        assert gone.status_code == 403


def test_staff_switch_off_and_it_is_noted(
    desk: Client, staff: User, team: Team, made: MadeWebhook
) -> None:
    act(desk, "endpoint", "switch_off", made.id)
    endpoint = Endpoint.objects.get()
    assert endpoint.disabled_at
    assert endpoint.disabled_reason == "Switched off by our support."
    entry = Entry.objects.get(action="webhook.disabled")
    assert (entry.team_id, entry.actor_id, entry.target_id) == (team.pk, staff.pk, made.id)


def test_staff_send_again_or_are_told_why_not(desk: Client, team: Team, made: MadeWebhook) -> None:
    delivery = send(team, made.id)
    Message.objects.all().delete()
    Delivery.objects.update(status="failed")
    act(desk, "delivery", "redeliver", delivery)
    assert [each.payload for each in Message.objects.filter(task=Deliver.name)] == [
        {"delivery": delivery}
    ]
    act(desk, "endpoint", "switch_off", made.id)
    Delivery.objects.update(status="failed")
    act(desk, "delivery", "redeliver", delivery)
    assert Delivery.objects.get().status == "failed"


def test_who_may_only_look_does_nothing(team: Team, made: MadeWebhook) -> None:
    delivery = send(team, made.id)
    Delivery.objects.update(status="failed")
    clerk = make_user("clerk@example.com", is_staff=True)
    looks = Permission.objects.filter(
        content_type__app_label="outgoing", codename__startswith="view_"
    )
    clerk.user_permissions.set(looks)
    browser = Client()
    browser.force_login(clerk)
    assert browser.get(reverse("admin:outgoing_delivery_changelist")).status_code == 200
    act(browser, "endpoint", "switch_off", made.id)
    act(browser, "delivery", "redeliver", delivery)
    assert Endpoint.objects.get().disabled_at is None
    assert Delivery.objects.get().status == "failed"
