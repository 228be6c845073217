"""The assistant as staff see it: who uses it how much, and nothing of what is said."""

from sqlalchemy import ColumnElement, or_
from starlette.requests import Request
from starlette_admin.fields import DateTimeField, HasOne, IntegerField

from service.accounts.models import User
from service.admin.queue import ReadOnlyView
from service.assistant.models import Conversation, Usage
from service.teams.models import Team


class ConversationView(ReadOnlyView):
    """How long conversations are. A title is what somebody asked, so it is not shown."""

    menu_label = "Conversations"
    display_name = "Conversation"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        HasOne("user", label="Person", key="user"),
        IntegerField("count", label="Messages"),
        IntegerField("tokens", label="Tokens"),
        DateTimeField("created_at", label="Begun"),
        DateTimeField("updated_at", label="Last used"),
    )
    sortable_fields = ("id", "created_at", "updated_at")
    fields_default_sort = (("id", True),)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """By the name of the team, or the person's address."""
        in_team = Conversation.team.has(Team.name.icontains(term, autoescape=True))
        return or_(in_team, Conversation.user.has(User.email.icontains(term, autoescape=True)))


class UsageView(ReadOnlyView):
    """What teams have used; it stays when conversations are deleted."""

    menu_label = "Tokens"
    display_name = "Tokens of an answer"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        IntegerField("tokens", label="Tokens"),
        IntegerField("message_id", label="Answer"),
        DateTimeField("created_at", label="When"),
    )
    sortable_fields = ("id", "tokens", "created_at")
    fields_default_sort = (("id", True),)

    def get_search_query(self, request: Request, term: str) -> ColumnElement[bool]:
        """By the name of the team."""
        return Usage.team.has(Team.name.icontains(term, autoescape=True))
