"""The conversation that development starts with."""

from django.test import Client
from django.urls import reverse

from web.accounts.models import User
from web.assistant.demo import TITLE, add_demo_data
from web.assistant.models import Conversation
from web.teams.models import Team


def test_there_is_one_to_read_and_it_is_made_once(team: Team, owner: User) -> None:
    for _ in range(2):
        add_demo_data(team, owner)
    conversation = Conversation.across_teams.get()
    browser = Client()
    browser.force_login(owner)
    page = browser.get(reverse("assistant_conversation", args=[team.pk, conversation.pk]))
    assert TITLE in page.content.decode()
    assert "api/v1" in page.content.decode()
