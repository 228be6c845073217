"""Programs look after webhooks by API."""

from core.teams.roles import Scope
from tests.web.api.conftest import Caller, call, owner, team, token_of
from web.accounts.models import User
from web.outgoing.models import Endpoint
from web.teams.models import Team

__all__ = ["call", "owner", "team"]

URL = "https://hooks.example.com/in"


def test_the_life_of_a_webhook(call: Caller, team: Team) -> None:
    base = f"/teams/{team.pk}/webhooks"
    names = [each["name"] for each in call("GET", "/event-types").json()["items"]]
    assert {"project.created", "member.added", "webhook.test"} <= set(names)
    body = {"url": URL, "event_types": ["project.created"]}
    made = call("POST", base, body, Idempotency_Key="once")
    assert made.status_code == 201
    again = call("POST", base, body, Idempotency_Key="once")
    assert (again.json(), again["Idempotent-Replayed"]) == (made.json(), "true")
    webhook, secret = made.json(), made.json()["secret"]
    one = f"{base}/{webhook['id']}"
    for shown in (call("GET", base), call("GET", one)):
        assert secret not in shown.content.decode()
    read = call("GET", one)
    assert call("GET", one, If_None_Match=read["ETag"]).status_code == 304
    changed = call("PATCH", one, {"description": "Orders"}, If_Match=read["ETag"])
    assert (changed.status_code, changed.json()["description"]) == (200, "Orders")
    assert call("PATCH", one, {"description": "x"}, If_Match=read["ETag"]).status_code == 412

    sent = call("POST", f"{one}/test", {"event_type": "member.added"})
    assert (sent.status_code, sent.json()["status"]) == (202, "pending")
    listed = call("GET", f"/teams/{team.pk}/webhook-deliveries?status=pending")
    assert [each["id"] for each in listed.json()["items"]] == [sent.json()["id"]]
    delivery = f"/teams/{team.pk}/webhook-deliveries/{sent.json()['id']}"
    details = call("GET", delivery).json()
    assert (details["payload"]["type"], details["attempts"]) == ("member.added", [])
    assert call("POST", f"{delivery}/redeliver").status_code == 202

    rotated = call("POST", f"{one}/rotate-secret").json()
    assert rotated["secret"] != secret
    assert call("POST", f"{one}/disable").json()["disabled_at"]
    refused = call("POST", f"{one}/test", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:endpoint-disabled")
    assert "Switch it on first" in refused.json()["detail"]
    assert call("POST", f"{one}/enable").json()["disabled_at"] is None
    assert call("DELETE", one).status_code == 204
    assert call("GET", delivery).status_code == 404


def test_what_cannot_be_says_what_to_do(call: Caller, team: Team) -> None:
    base = f"/teams/{team.pk}/webhooks"
    refused = call("POST", base, {"url": "https://127.0.0.1/"})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["#/url"]
    assert call("POST", base, {"url": URL}).status_code == 201
    second = call("POST", base, {"url": URL})
    assert (second.status_code, second.json()["type"]) == (409, "urn:problem:duplicate-webhook")
    assert "Change that one" in second.json()["detail"]
    assert Endpoint.objects.count() == 1


def test_a_key_looks_and_sends_again_and_makes_nothing(
    call: Caller, team: Team, owner: User
) -> None:
    made = call("POST", f"/teams/{team.pk}/webhooks", {"url": URL}).json()
    one = f"/teams/{team.pk}/webhooks/{made['id']}"
    reads = Caller(team.make_api_key(owner, "Reads", [Scope.READ])[0])
    writes = Caller(team.make_api_key(owner, "Writes", [Scope.WRITE])[0])
    assert reads("GET", one).status_code == 200
    assert reads("POST", f"{one}/test", {}).status_code == 403
    assert writes("POST", f"{one}/test", {}).status_code == 202
    for key in (reads, writes):
        assert key("POST", f"{one}/rotate-secret").status_code == 403
        assert key("POST", f"/teams/{team.pk}/webhooks", {"url": f"{URL}/2"}).status_code == 403


def test_a_delivery_of_another_team_is_not_there(call: Caller, team: Team, user: User) -> None:
    made = call("POST", f"/teams/{team.pk}/webhooks", {"url": URL}).json()
    sent = call("POST", f"/teams/{team.pk}/webhooks/{made['id']}/test", {}).json()
    theirs = Team.objects.create_for(user, "Globex")
    stranger = Caller(token_of(user))
    for team_id in (team.pk, theirs.pk):
        delivery = f"/teams/{team_id}/webhook-deliveries/{sent['id']}"
        assert stranger("GET", delivery).status_code == 404
        assert stranger("POST", f"{delivery}/redeliver").status_code == 404
    listed = f"/teams/{theirs.pk}/webhook-deliveries?webhook_id={made['id']}"
    assert stranger("GET", listed).status_code == 404
