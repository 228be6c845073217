"""What is known of conversations beside their pages: for their person, and for staff."""

import json
from datetime import timedelta

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.assistant.tasks import SweepAnswers
from core.teams.context import team_scope
from tests.web.assistant.test_pages import address_of, browser_of, talk
from web.accounts.deletion import delete_account
from web.accounts.export import export
from web.accounts.models import User
from web.assistant.models import Conversation, Message, Usage
from web.assistant.tasks import sweep_answers
from web.teams.models import Team


def test_the_data_of_a_person_hold_what_they_said(team: Team, owner: User, member: User) -> None:
    talk(team, member, "Mine?", "Mine.")
    talk(team, owner, "Theirs?", "Theirs.")
    told = export(member)
    (found,) = told["conversations"]
    assert [each["content"] for each in found["messages"]] == ["Mine?", "Mine."]
    assert "Theirs" not in json.dumps(told, cls=DjangoJSONEncoder)


def test_who_goes_takes_what_they_said_along(team: Team, owner: User, member: User) -> None:
    talk(team, member, "Mine?", "Mine.")
    talk(team, owner, "Theirs?", "Theirs.")
    delete_account(member)
    assert [each.user for each in Conversation.across_teams.all()] == [owner]
    team.delete()
    assert not Message.across_teams.exists()


@pytest.mark.parametrize("model", ["conversation", "usage"])
def test_staff_see_numbers_and_no_words(team: Team, member: User, staff: User, model: str) -> None:
    conversation = talk(team, member, "Secret?", "Secret.")
    Message.across_teams.update(prompt_tokens=400, completion_tokens=21)
    with team_scope(team.pk):
        spent = Usage.objects.create(message_id=7, tokens=842)
    desk = Client()
    desk.force_login(staff)
    row = conversation if model == "conversation" else spent
    for name, ids in (("changelist", []), ("change", [row.pk])):
        page = desk.get(reverse(f"admin:assistant_{model}_{name}", args=ids))
        assert page.status_code == 200
        assert "842" in page.content.decode()
        assert "Secret" not in page.content.decode()


def test_the_clock_marks_what_was_lost(team: Team, member: User) -> None:
    talk(team, member, "Old?", "", status="streaming")
    Message.across_teams.update(seen_at=timezone.now() - timedelta(minutes=1), prompt_tokens=7)
    talk(team, member, "New?", "", status="streaming")
    sweep_answers(SweepAnswers())
    found = Message.across_teams.filter(role="assistant").order_by("pk")
    assert [each.status for each in found] == ["failed", "streaming"]
    (spent,) = Usage.across_teams.all()
    assert (spent.message_id, spent.tokens) == (found[0].pk, 7)


def test_what_was_lost_keeps_no_chat_from_being_deleted(team: Team, member: User) -> None:
    conversation = talk(team, member, "Old?", "", status="streaming")
    browser, address = browser_of(member), address_of(conversation, "delete_conversation")
    browser.post(address)
    assert Conversation.across_teams.exists()
    Message.across_teams.update(seen_at=timezone.now() - timedelta(minutes=1))
    browser.post(address)
    assert not Conversation.across_teams.exists()
