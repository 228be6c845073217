"""The operations of `/api/v1`: one table, which Django and FastAPI serve alike.

A row is more than documentation: who may call an operation is enforced from here, so no route can
forget it. The operations of your product are in `core/product/operations.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from core.api.personal import PERSONAL_TAGS
from core.problems import Problem
from core.teams.roles import (
    CHANGE_ROLES,
    DELETE_TEAM,
    INVITE,
    LEAVE_TEAM,
    MANAGE_API_KEYS,
    REMOVE_MEMBERS,
    RENAME_TEAM,
    TRANSFER_OWNERSHIP,
    VIEW_AUDIT_LOG,
    VIEW_MEMBERS,
    VIEW_TEAM,
    Action,
    Role,
    Scope,
)
from core.teams.rules import forbidden, require

PEOPLE: Final = "people"
EVERYBODY: Final = "everybody"
ANYBODY: Final = "anybody"

Who = Action | Literal["people", "everybody", "anybody"]

# What every operation may be answered with: 403 also meets a forged request of a browser.
ALWAYS = (401, 403, 422, 429, 500)
# Whoever need not be known gets none of these.
TO_CALLERS = {401, 403}

# What staff may do all the same while they act as somebody.
HARMLESS = frozenset({"update_team"})


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    Parameters
    ----------
    id
        The `operationId`. Clients are generated from it, so it never changes.
    method, path
        The path is below `/api/v1`.
    who
        An action that the role or the key must allow in the team of the path; or `PEOPLE`, which
        refuses keys; or `EVERYBODY` who is known; or `ANYBODY`, who need not be.
    success, errors
        The status of the answer, and those of errors that neither `ALWAYS` nor the path tells.
    etag
        The answer has a version: GET honours `If-None-Match`, PATCH honours `If-Match`.
    """

    id: str
    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    tag: str
    summary: str
    who: Who
    success: int = 200
    errors: tuple[int, ...] = ()
    etag: bool = False
    details: str = ""

    def __post_init__(self) -> None:
        if ("{team_id}" in self.path) != isinstance(self.who, Action):
            raise ValueError(f"{self.id}: what is below a team needs an action, nothing else may")
        if self.is_public and self.method != "GET":
            raise ValueError(f"{self.id}: whoever changes something has to be known")

    @property
    def description(self) -> str:
        """What it does and who may do it."""
        return f"{self.details} {callers(self.who)}".strip()

    @property
    def is_public(self) -> bool:
        """Whether nobody is asked who they are; they are counted by where they call from."""
        return self.who == ANYBODY

    @property
    def is_personal(self) -> bool:
        """Whether nobody does it in the name of somebody else."""
        changes = self.method != "GET" and self.tag in PERSONAL_TAGS
        return changes and self.id not in HARMLESS

    @property
    def takes_key(self) -> bool:
        """Whether it takes an `Idempotency-Key`."""
        return self.method == "POST"

    @property
    def problems(self) -> tuple[int, ...]:
        """Every status that it answers with a problem document."""
        extra = {404} if "{" in self.path else set()
        if self.method in ("POST", "PATCH"):
            extra.add(413)
        if self.method == "PATCH" and self.etag:
            extra.add(412)
        unasked = TO_CALLERS if self.is_public else set()
        return tuple(sorted({*ALWAYS, *self.errors, *extra} - unasked))

    def admit(
        self, granted: Collection[Role | Scope], *, person: bool, impersonated: bool = False
    ) -> None:
        """Raises 403 unless somebody with this role, or a key with these scopes, may call it."""
        if not person and not for_keys(self.who):
            raise Problem(
                403,
                "person-required",
                "This is for people",
                "An API key cannot do this. Log in as a person.",
            )
        if isinstance(self.who, Action):
            require(granted, self.who)
        if impersonated and self.is_personal:
            raise forbidden("This is for the person alone, not for staff who act as them.")


def for_keys(who: Who) -> bool:
    """Whether some API key may do it."""
    return bool(who.allowed & set(Scope)) if isinstance(who, Action) else who == EVERYBODY


def callers(who: Who) -> str:
    """Who may call it, as a sentence."""
    if not isinstance(who, Action):
        return {PEOPLE: "For people only.", ANYBODY: "Without a login too."}.get(who, "")
    words = [f"{role}s" for role in Role if role in who.allowed]
    words += [f"API keys with `{scope}`" for scope in Scope if scope in who.allowed]
    return f"For {' and '.join([', '.join(words[:-1]), words[-1]] if len(words) > 1 else words)}."


def table(*operations: Operation) -> dict[str, Operation]:
    """The operations by their ids."""
    return {operation.id: operation for operation in operations}


TEAM = "/teams/{team_id}"
MEMBER = f"{TEAM}/members/{{user_id}}"
INVITATION = f"{TEAM}/invitations/{{invitation_id}}"
API_KEY = f"{TEAM}/api-keys/{{api_key_id}}"
MINE = "/me/invitations/{invitation_id}"

# fmt: off
OPERATIONS = table(
    Operation("get_me", "GET", "/me", "me", "Who am I?", PEOPLE),
    Operation("update_me", "PATCH", "/me", "me", "Change my name", PEOPLE),
    Operation("list_my_invitations", "GET", "/me/invitations", "me", "Teams I may join", PEOPLE,
              details="Those sent to the caller's verified addresses."),
    Operation("accept_my_invitation", "POST", f"{MINE}/accept", "me", "Join a team", PEOPLE,
              errors=(409,)),
    Operation("decline_my_invitation", "POST", f"{MINE}/decline", "me", "Decline an invitation",
              PEOPLE, success=204),
    Operation("accept_invitation", "POST", "/invitations/accept", "me", "Join by a mailed link",
              PEOPLE, errors=(404, 409),
              details="The token works for the person whose verified address it was sent to. Every"
                      " other one is answered with the same 404."),

    Operation("list_teams", "GET", "/teams", "teams", "The teams of the caller", EVERYBODY,
              details="An API key sees the one team it belongs to."),
    Operation("create_team", "POST", "/teams", "teams", "Make a team", PEOPLE,
              success=201, errors=(409,), details="The caller becomes its owner."),
    Operation("get_team", "GET", TEAM, "teams", "One team", VIEW_TEAM, etag=True),
    Operation("update_team", "PATCH", TEAM, "teams", "Rename a team", RENAME_TEAM, etag=True),
    Operation("delete_team", "DELETE", TEAM, "teams", "Delete a team and all that is in it",
              DELETE_TEAM, success=204, errors=(409,)),
    Operation("leave_team", "POST", f"{TEAM}/leave", "teams", "Leave a team", LEAVE_TEAM,
              success=204, errors=(409,)),
    Operation("transfer_team", "POST", f"{TEAM}/transfer", "teams", "Give a team away",
              TRANSFER_OWNERSHIP, errors=(409,),
              details="A member becomes the owner, and the caller an admin."),

    Operation("list_members", "GET", f"{TEAM}/members", "members", "Who is in it", VIEW_MEMBERS),
    Operation("change_role", "PATCH", MEMBER, "members", "Change somebody's role", CHANGE_ROLES,
              errors=(409,)),
    Operation("remove_member", "DELETE", MEMBER, "members", "Remove somebody", REMOVE_MEMBERS,
              success=204, errors=(409,)),

    Operation("list_invitations", "GET", f"{TEAM}/invitations", "invitations",
              "Who is invited and has not answered", INVITE, details="The newest come first."),
    Operation("create_invitation", "POST", f"{TEAM}/invitations", "invitations", "Invite somebody",
              INVITE, success=201, errors=(409,), details="Sends a mail with a link."),
    Operation("resend_invitation", "POST", f"{INVITATION}/resend", "invitations",
              "Send the mail again", INVITE, errors=(409,),
              details="The former link stops working."),
    Operation("revoke_invitation", "DELETE", INVITATION, "invitations", "Take an invitation back",
              INVITE, success=204),

    Operation("list_api_keys", "GET", f"{TEAM}/api-keys", "api-keys", "The keys of a team",
              MANAGE_API_KEYS, details="The newest come first."),
    Operation("create_api_key", "POST", f"{TEAM}/api-keys", "api-keys", "Make a key",
              MANAGE_API_KEYS, success=201, errors=(409,), details="The key is shown only once."),
    Operation("revoke_api_key", "DELETE", API_KEY, "api-keys", "End a key", MANAGE_API_KEYS,
              success=204, details="It stops working at once."),

    Operation("list_audit_entries", "GET", f"{TEAM}/audit-log", "audit-log",
              "What was done in a team", VIEW_AUDIT_LOG, details="The newest come first."),
)
# fmt: on
