"""The assistant's pages: whose conversations they show, and what they tell the script."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.env import get_settings
from core.teams.context import team_scope
from tests.web.conftest import make_user
from web.accounts.models import User
from web.assistant import views
from web.assistant.models import Conversation, Message
from web.assistant.views import CHATS_PER_PAGE, MESSAGES_AT_ONCE
from web.teams.models import Team


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def talk(team: Team, user: User, *said: str, status: str = "complete") -> Conversation:
    """A conversation: question and answer in turn. The last answer has the status."""
    with team_scope(team.pk):
        conversation = Conversation.objects.create(user=user, title=f"{said[0]} chat")
        for number, content in enumerate(said):
            is_last = number == len(said) - 1
            Message.objects.create(
                conversation=conversation,
                role="assistant" if number % 2 else "user",
                content=content,
                status=status if is_last else "complete",
            )
    return conversation


def address_of(conversation: Conversation, name: str = "assistant_conversation") -> str:
    return reverse(name, args=[conversation.team_id, conversation.pk])


def test_everybody_in_a_team_sees_their_own_conversations_alone(
    team: Team, owner: User, admin: User, member: User
) -> None:
    people = (owner, admin, member)
    talks = [talk(team, user, f"secret of {user.email}", "Kept.") for user in people]
    for user, own in zip(people, talks, strict=True):
        browser = browser_of(user)
        page = browser.get(reverse("assistant", args=[team.pk])).content.decode()
        assert [user.email == other.email for other in people] == [
            f"secret of {other.email}" in page for other in people
        ]
        for conversation in talks:
            found = browser.get(address_of(conversation))
            assert found.status_code == (200 if conversation == own else 404)
            gone = browser.post(address_of(conversation, "delete_conversation"))
            assert gone.status_code == (302 if conversation == own else 404)
    assert not Conversation.across_teams.exists()


def test_strangers_and_who_has_left_see_nothing(team: Team, member: User, outsider: User) -> None:
    conversation = talk(team, member, "Hello")
    for name in ("assistant_conversation", "delete_conversation"):
        address = address_of(conversation, name)
        assert Client().get(address)["Location"].startswith(reverse("account_login"))
        assert browser_of(outsider).get(address).status_code == 404
    team.membership_of(member).delete()
    assert browser_of(member).get(address_of(conversation)).status_code == 404


def test_a_conversation_has_no_address_in_another_team(team: Team, owner: User) -> None:
    conversation = talk(team, owner, "Hello")
    other = Team.objects.create_for(owner, "Other")
    browser = browser_of(owner)
    assert "Hello" not in browser.get(reverse("assistant", args=[other.pk])).content.decode()
    wrong = reverse("assistant_conversation", args=[other.pk, conversation.pk])
    assert browser.get(wrong).status_code == 404


def test_staff_who_work_as_somebody_do_not_read_what_was_said(team: Team, member: User) -> None:
    conversation = talk(team, member, "Hello")
    helper = make_user("helper@example.com", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="impersonate"))
    desk = browser_of(helper)
    assert desk.post(reverse("hijack:acquire"), {"user_pk": member.pk}).status_code == 302
    for address in (
        reverse("assistant", args=[team.pk]),
        address_of(conversation),
        address_of(conversation, "delete_conversation"),
    ):
        for response in (desk.get(address), desk.post(address)):
            assert response.status_code in (403, 405)
            assert b"Hello" not in response.content
    assert Conversation.across_teams.exists()


def test_what_was_said_is_shown_as_text_with_what_became_of_it(team: Team, owner: User) -> None:
    said = "<script>alert(1)</script>"
    browser = browser_of(owner)
    stopped = talk(team, owner, "Go", said, status="stopped")
    page = browser.get(address_of(stopped)).content.decode()
    assert said not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Stopped." in page
    failed = talk(team, owner, "Go", "", status="failed")
    assert "failed" in browser.get(address_of(failed)).content.decode()


def test_a_page_may_not_be_kept_and_runs_scripts_of_our_own_alone(team: Team, owner: User) -> None:
    response = browser_of(owner).get(address_of(talk(team, owner, "Hello")))
    assert "no-store" in response["Cache-Control"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    page = response.content.decode()
    assert page.count("<script") == page.count('<script type="module" src="/static/') == 1
    assert " style=" not in page


def test_the_page_tells_the_script_where_things_are(team: Team, owner: User) -> None:
    conversation = talk(team, owner, "Hello")
    page = browser_of(owner).get(address_of(conversation)).content.decode()
    assert f'data-api="/assistant/teams/{team.pk}/conversations"' in page
    assert f'data-conversation="{conversation.pk}"' in page
    assert f'data-token="{reverse("page_token")}"' in page
    assert "<noscript>" in page


def test_long_conversations_and_many_of_them_come_in_parts(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    said = [f"word{number:03}" for number in range(MESSAGES_AT_ONCE + 10)]
    conversation = talk(team, owner, *said)
    page = browser.get(address_of(conversation)).content.decode()
    assert ("word009" in page, "word010" in page, said[-1] in page) == (False, True, True)
    page = browser.get(address_of(conversation), {"more": "1"}).content.decode()
    assert "word001" in page
    for number in range(CHATS_PER_PAGE):
        talk(team, owner, f"talk{number:03}")
    first = reverse("assistant", args=[team.pk])
    assert "word000 chat" not in browser.get(first).content.decode()
    assert "word000 chat" in browser.get(first, {"page": "2"}).content.decode()


def test_however_old_the_chats_that_it_lists_a_page_knows_the_newest(
    team: Team, owner: User, member: User
) -> None:
    browser, first = browser_of(owner), reverse("assistant", args=[team.pk])
    assert 'data-newest="0"' in browser.get(first).content.decode()
    newest = [talk(team, owner, "Hello") for _ in range(CHATS_PER_PAGE + 1)][-1]
    talk(team, member, "Hello")
    for page in ("1", "2"):
        shown = browser.get(first, {"page": page}).content.decode()
        assert f'data-newest="{newest.pk}"' in shown


def test_deleting_asks_first(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    conversation = talk(team, owner, "Hello", "Hi")
    address = address_of(conversation, "delete_conversation")
    assert "Hello chat" in browser.get(address).content.decode()
    assert Conversation.across_teams.exists()
    assert browser.post(address)["Location"] == reverse("assistant", args=[team.pk])
    assert not Message.across_teams.exists()


def test_a_chat_is_not_deleted_under_an_answer(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    conversation = talk(team, owner, "Hello", "Hi")
    answer = Message.across_teams.filter(role="assistant")
    answer.update(status="streaming")
    address = address_of(conversation, "delete_conversation")
    refused = browser.post(address, follow=True)
    assert refused.redirect_chain[-1][0] == address_of(conversation)
    assert "Wait until the answer" in refused.content.decode()
    assert Message.across_teams.count() == 2
    answer.update(status="complete")
    browser.post(address)
    assert not Conversation.across_teams.exists()


def test_every_page_leads_to_the_assistant_of_its_team(team: Team, owner: User) -> None:
    page = browser_of(owner).get(reverse("team", args=[team.pk])).content.decode()
    assert f'href="{reverse("assistant", args=[team.pk])}"' in page
    for stranger_sees in (reverse("landing"), reverse("account_login")):
        assert "/assistant/" not in Client().get(stranger_sees).content.decode()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "the assistant is not set up"),
        ("http://localhost:8000/dev/assistant/v1", "ASSISTANT_KEY"),
        ("https://api.example.com/v1", "The assistant can be wrong"),
    ],
)
def test_the_page_says_who_answers(
    team: Team, owner: User, monkeypatch: pytest.MonkeyPatch, url: str, words: str
) -> None:
    settings = get_settings().model_copy(update={"assistant_url": url})
    monkeypatch.setattr(views, "get_settings", lambda: settings)
    page = browser_of(owner).get(reverse("assistant", args=[team.pk])).content.decode()
    assert words in page
    assert ("<textarea" in page) == bool(url)


def test_however_much_was_said_the_database_is_asked_as_often(team: Team, owner: User) -> None:
    browser = browser_of(owner)
    browser.get(reverse("teams"))  # the first request of a session asks more
    counts = []
    for messages in (1, 50):
        conversation = talk(team, owner, *["word"] * messages)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address_of(conversation))
        counts.append(len(queries))
    assert counts[0] == counts[1]
