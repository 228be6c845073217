"""Who works as somebody looks at their webhooks, and leaves them as they are."""

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from core.outgoing.schemas import MadeWebhook
from tests.web.conftest import make_user
from tests.web.outgoing.conftest import Desk, send
from web.accounts.models import User
from web.outgoing.models import Delivery, Endpoint
from web.teams.models import Team


def test_support_reads_and_changes_nothing(owner: User, team: Team, made: MadeWebhook) -> None:
    delivery = send(team, made.id)
    helper = make_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="impersonate"))
    browser = Client()
    browser.force_login(helper)
    browser.post(reverse("hijack:acquire"), {"user_pk": owner.pk})
    pages = Desk(browser, team)
    assert made.url in pages.read("team_webhook", made.id)
    before = list(Endpoint.objects.values()), list(Delivery.objects.values())
    form = {"url": "https://evil.example/", "which": "all", "known": "never"}
    addresses = [
        pages.address("new_webhook"),
        pages.address("edit_webhook", made.id),
        pages.address("delete_webhook", made.id),
        pages.address("disable_webhook", made.id),
        pages.address("rotate_webhook_secret", made.id),
        pages.address("test_webhook", made.id),
        pages.address("redeliver_webhook", delivery),
    ]
    refused = [browser.post(address, form) for address in addresses]
    api = f"/api/v1/teams/{team.pk}"
    for method, path in (
        ("POST", "/webhooks"),
        ("PATCH", f"/webhooks/{made.id}"),
        ("DELETE", f"/webhooks/{made.id}"),
        ("POST", f"/webhooks/{made.id}/rotate-secret"),
        ("POST", f"/webhook-deliveries/{delivery}/redeliver"),
    ):
        body = '{"url": "https://evil.example/"}'
        refused.append(browser.generic(method, api + path, body, content_type="application/json"))
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert (list(Endpoint.objects.values()), list(Delivery.objects.values())) == before
