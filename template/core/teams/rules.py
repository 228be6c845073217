"""The rules of teams, as pure functions. They raise `Problem` with what a person should know.

Who calls one holds the lock of the team's row, so that what was counted is still true when the
change commits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.problems import Problem
from core.teams.roles import INVITE, Action, Role, Scope, may

INVITATION_LIFETIME = timedelta(days=7)
# Bounds that only abuse reaches.
MOST_TEAMS = 50  # that one person owns
MOST_INVITATIONS = 100  # that wait in one team
MOST_API_KEYS = 100  # that are alive in one team


@dataclass(frozen=True)
class OwnedTeam:
    """A team that somebody owns, as far as the deletion of their account is concerned."""

    id: int
    name: str
    members: int
    owners: int


def require(granted: Iterable[Role | Scope], wanted: Action) -> None:
    """Raises 403 when the role, or the scopes of the key, do not allow it."""
    if not may(granted, wanted):
        raise forbidden(f"Your role in this team does not allow you to {wanted}.")


def forbidden(detail: str) -> Problem:
    """403, with the reason."""
    return Problem(403, "forbidden", "You may not do this", detail)


def conflict(kind: str, title: str, detail: str) -> Problem:
    """409: allowed, but not as things are."""
    return Problem(409, kind, title, detail)


def check_role_change(by: Role, former: Role, new: Role) -> None:
    """Only owners make owners or change them; raises 403."""
    if Role.OWNER in (former, new) and by != Role.OWNER:
        raise forbidden("Only an owner makes somebody an owner, or changes the role of one.")


def check_removal(by: Role, member: Role) -> None:
    """Only owners remove owners; raises 403."""
    if member == Role.OWNER and by != Role.OWNER:
        raise forbidden("Only an owner removes an owner.")


def check_invitation(by: Role, role: Role, *, is_personal: bool) -> None:
    """Nobody gives away more than they have, and a personal team stays one; raises 403 or 409."""
    if is_personal:
        raise conflict(
            "personal-team",
            "This is a personal team",
            "Nobody else joins a personal team. Create a team to work with others.",
        )
    if role == Role.OWNER and by != Role.OWNER:
        raise forbidden("Only an owner invites another owner.")


def could_invite(by: Role | None, role: Role) -> bool:
    """Whether somebody with this role, or None who is no member, may invite as the other."""
    if by is None or not may([by], INVITE):
        return False
    return role != Role.OWNER or by == Role.OWNER


def check_owner_stays(former: Role, new: Role | None, owners: int) -> None:
    """A team always has an owner; `new` is None for somebody who leaves. Raises 409."""
    if former == Role.OWNER and new != Role.OWNER and owners <= 1:
        raise conflict(
            "last-owner",
            "A team needs an owner",
            "This is the only owner. Make somebody else an owner first, or delete the team.",
        )


def check_not_personal(*, is_personal: bool) -> None:
    """A personal team lives as long as its person's account; raises 409."""
    if is_personal:
        raise conflict(
            "personal-team",
            "This is a personal team",
            "A personal team is neither left nor given away nor deleted; it goes with the account.",
        )


def check_seat(taken: int, limit: int | None) -> None:
    """Whether one more fits; `limit` is None where seats are not limited. Raises 409.

    Open invitations take a seat when another one is sent, and none when one is accepted.
    """
    if limit is not None and taken >= limit:
        raise conflict(
            "no-seat",
            "All seats are taken",
            f"This team has {limit} seats. An owner or admin of it has to make room first.",
        )


def check_bound(number: int, most: int, what: str) -> None:
    """Refuses more of something than anybody needs; raises 409."""
    if number >= most:
        raise conflict("too-many", "There are too many", f"There are {most} {what} already.")


def check_account_may_go(owned: Sequence[OwnedTeam]) -> list[int]:
    """The teams that go with somebody's account: those where they are alone.

    Raises 409, naming them, when teams with other members would be left without an owner.
    """
    orphans = [team.name for team in owned if team.members > 1 and team.owners <= 1]
    if orphans:
        raise conflict(
            "last-owner",
            "Some teams would lose their only owner",
            f"Transfer the ownership of these teams or delete them first: {', '.join(orphans)}.",
        )
    return [team.id for team in owned if team.members == 1]


def same_address(one: str, other: str) -> bool:
    """Whether an invitation's address is the person's."""
    return one.strip().lower() == other.strip().lower()


def personal_team_name(name: str, email: str) -> str:
    """What the personal team of somebody is called."""
    return (name.strip() or email.partition("@")[0])[:100]
