"""Two teams that must not see each other, and everybody who may try.

Whatever belongs to a team has its canary in it: a word that nobody else may ever be shown.
"""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client

from core.outgoing import desk
from core.outgoing.schemas import NewWebhook
from core.teams.roles import Role, Scope
from tests.product.web.authorization import furnish
from tests.web.authorization.declare import HOME, MEMBERS, Visitor
from tests.web.conftest import make_user
from tests.web.plan import give_everything
from web.accounts.models import User
from web.queue import CurrentTransaction
from web.teams.models import Invitation, Membership, Team
from web.teams.request import SESSION_KEY

OTHER = "canary-other"


@dataclass
class World:
    """The people and keys, and the ids of what the two teams have."""

    team: Team
    home: dict[str, Any]
    other: dict[str, Any]
    # What the outsider has received.
    received: dict[str, Any]
    people: dict[Visitor, User] = field(default_factory=dict)
    keys: dict[Visitor, str] = field(default_factory=dict)
    # Of people, who signed in once.
    sessions: dict[Visitor, str] = field(default_factory=dict)

    def sign_in(self, visitor: Visitor) -> None:
        """Sign in, and work for the home team."""
        client = Client()
        client.force_login(self.people[visitor])
        session = client.session
        session[SESSION_KEY] = self.team.pk
        session.save()
        self.sessions[visitor] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def browser(self, visitor: Visitor) -> Client:
        """What the visitor comes with: a signed-in browser, a key, or nothing."""
        key = self.keys.get(visitor)
        headers = {"Authorization": f"Bearer {key}"} if key else None
        client = Client(raise_request_exception=False, headers=headers)
        if visitor in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[visitor]
        return client

    def hidden_from(self, visitor: Visitor) -> list[str]:
        """What this visitor must never read."""
        if visitor in MEMBERS | {Visitor.READ_KEY, Visitor.WRITE_KEY}:
            return [OTHER]
        if visitor in (Visitor.OUTSIDER, Visitor.OTHER_KEY):
            return [HOME]
        return [HOME, OTHER]


def make_world() -> World:
    """Everything that the tables need; a visit changes nothing of it, because it is rolled back."""
    owner = person("owner", HOME)
    home = Team.objects.all().create_for(owner, HOME)
    outsider = person("outsider", OTHER)
    other = Team.objects.all().create_for(outsider, OTHER)
    for team in (home, other):
        give_everything(team)
    inviting = Team.objects.all().create_for(person("host", "neutral"), "Neutral")
    invitation = inviting.invite(inviting.members.get(), outsider.email, Role.MEMBER)
    received = {"invitation_id": invitation.pk, "token": invitation.make_token()}
    world = World(home, rows(home, owner, HOME), rows(other, outsider, OTHER), received)
    world.people = {
        Visitor.OWNER: owner,
        Visitor.OUTSIDER: outsider,
        Visitor.ADMIN: join(home, "admin", Role.ADMIN),
        Visitor.MEMBER: join(home, "member", Role.MEMBER),
        Visitor.REMOVED: person("removed", "neutral"),
        Visitor.STAFF: make_user("staff@neutral.example", is_staff=True, is_superuser=True),
    }
    gone = Membership.objects.create(team=home, user=world.people[Visitor.REMOVED], role=Role.ADMIN)
    gone.remove(owner)
    revoked, key = home.make_api_key(owner, f"{HOME} revoked", list(Scope))
    key.revoke(owner)
    world.keys = {
        Visitor.READ_KEY: home.make_api_key(owner, f"{HOME} read", [Scope.READ])[0],
        Visitor.WRITE_KEY: home.make_api_key(owner, f"{HOME} write", [Scope.WRITE])[0],
        Visitor.REVOKED_KEY: revoked,
        Visitor.OTHER_KEY: other.make_api_key(outsider, f"{OTHER} key", list(Scope))[0],
    }
    # A second owner, so that the first may go.
    join(home, "partner", Role.OWNER)
    # Whoever is not at home works for a personal team, whose plan is not what is tried here.
    for team in Team.objects.exclude(personal_user=None):
        give_everything(team)
    for visitor in world.people:
        world.sign_in(visitor)
    return world


def person(name: str, word: str) -> User:
    """Somebody whose name and address hold the word."""
    return make_user(f"{name}@{word}.example", name=f"{word} {name}")


def join(team: Team, name: str, role: Role) -> User:
    """Somebody in the home team."""
    user = person(name, HOME)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def rows(team: Team, owner: User, word: str) -> dict[str, Any]:
    """One of everything that a team can have; the ids are named as in addresses."""
    target = person("target", word)
    Membership.objects.create(team=team, user=target, role=Role.MEMBER)
    invitation: Invitation = team.invite(owner, f"guest@{word}.example", Role.MEMBER)
    _, key = team.make_api_key(owner, f"{word} target", [Scope.READ])
    ids = {
        "team_id": team.pk,
        "user_id": target.pk,
        "invitation_id": invitation.pk,
        "api_key_id": key.pk,
        **webhook(team, word),
    }
    return ids | furnish(team, owner, word)


def webhook(team: Team, word: str) -> dict[str, Any]:
    """A webhook that was sent something."""
    execute = CurrentTransaction().execute
    wanted = NewWebhook(url=f"https://{word}.example/hook", description=word)
    made = desk.create_webhook(execute, team.pk, wanted)
    sent = desk.send_test(execute, team.pk, made.id, "webhook.test")
    return {"webhook_id": made.id, "delivery_id": sent.id}
