"""The JSON API and who may call it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.problems import for_status
from core.tasks import SendWelcomeMail
from core.tokens import digest
from web.accounts.models import AccessToken, User
from web.api.problems import respond
from web.outbox.models import Message
from web.queue import enqueue

ME = "/api/v1/me"


def page_token(browser: Client) -> str:
    """A token for a page of the signed-in browser."""
    token: str = browser.post(reverse("page_token")).json()["token"]
    return token


def get_me(token: str) -> int:
    """Ask who I am with this token; answers the status."""
    return Client().get(ME, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_signed_in_browser_and_its_token_get_the_same_answer(browser: Client, user: User) -> None:
    answer = browser.get(ME).json()
    assert (answer["id"], answer["email"], answer["name"]) == (user.pk, user.email, "Ann")
    assert "password" not in answer
    by_token = Client().get(ME, headers={"Authorization": f"Bearer {page_token(browser)}"})
    assert by_token.json() == answer


def test_strangers_get_a_problem_document(client: Client, db: None) -> None:
    response = client.get(ME)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["request_id"] == response["X-Request-ID"]


def test_data_has_the_policy_of_every_page(browser: Client) -> None:
    policies = [browser.get(path)["Content-Security-Policy"] for path in (ME, "/nowhere")]
    assert "default-src 'self'" in policies[0]
    assert {*policies[0].split("; ")} == {*policies[1].split("; ")}


@pytest.mark.parametrize("token", ["", "page_forged", "x" * 5000, "page_\x00"])
def test_a_forged_token_opens_nothing(token: str, db: None) -> None:
    assert get_me(token) == 401


def test_only_the_digest_of_a_token_is_stored(browser: Client) -> None:
    token = page_token(browser)
    stored = AccessToken.objects.get()
    assert stored.digest == digest(token)
    assert token not in repr(vars(stored))


def test_an_expired_token_opens_nothing(browser: Client) -> None:
    token = page_token(browser)
    assert get_me(token) == 200
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert get_me(token) == 401


def test_a_token_of_an_inactive_user_opens_nothing(browser: Client) -> None:
    token = page_token(browser)
    User.objects.update(is_active=False)
    assert get_me(token) == 401


def test_a_token_is_made_by_post_with_csrf_for_the_signed_in(user: User) -> None:
    assert Client().post(reverse("page_token")).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.get(reverse("page_token")).status_code == 405
    assert strict.post(reverse("page_token")).status_code == 403
    assert not AccessToken.objects.exists()


def test_the_reference_page_needs_nothing_from_elsewhere(client: Client, db: None) -> None:
    page = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui" in page
    # Ours and not that of ninja, which is neither dark nor made for a phone.
    assert "js/reference.js" in page
    assert "//" not in page.replace("<!-- ", "").replace("/**", "")
    document = client.get("/api/v1/openapi.json").json()
    assert document["paths"][ME]["get"]["operationId"] == "get_me"


def test_a_request_that_fails_leaves_nothing_behind(transactional_db: None) -> None:
    with transaction.atomic():
        User.objects.create_user("new@example.com")
        enqueue(SendWelcomeMail(user_id=1))
        assert respond(for_status(409)).status_code == 409
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_an_unknown_address_of_the_api_is_not_found(client: Client, db: None) -> None:
    assert client.get("/api/v1/nothing").status_code == 404
