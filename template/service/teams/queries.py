"""Every question about teams. Who asks is in each of them: nobody finds what is not theirs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from core.problems import not_found
from core.teams.roles import Action, Role
from core.teams.rules import require
from core.tokens import digest
from service.accounts.models import EmailAddress, User
from service.teams.models import ApiKey, Invitation, Membership, Team


def teams_of(user_id: int) -> Select[Team]:
    """The teams that somebody is in."""
    return select(Team).where(Team.id.in_(memberships_of(user_id)))


def memberships_of(user_id: int) -> Select[int]:
    """The ids of those teams."""
    return select(Membership.team_id).where(Membership.user_id == user_id)


async def roles_in(session: AsyncSession, user_id: int, team_ids: Sequence[int]) -> dict[int, Role]:
    """What somebody is in these teams."""
    found = await session.execute(
        select(Membership.team_id, Membership.role).where(
            Membership.user_id == user_id, Membership.team_id.in_(team_ids)
        )
    )
    return {team_id: Role(role) for team_id, role in found}


async def team_by_id(session: AsyncSession, team_id: int) -> Team:
    """A team that the caller was admitted to; raises 404 when it is gone."""
    team = await session.get(Team, team_id)
    if team is None:
        raise not_found("team")
    return team


async def lock_team(session: AsyncSession, team_id: int) -> Team:
    """The team as it is now, changed by nobody else until the commit; 404 when it is gone.

    Rows that refer to the team can be written meanwhile.
    """
    team = await session.scalar(
        select(Team)
        .where(Team.id == team_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if team is None:
        raise not_found("team")
    return team


async def lock_for(
    session: AsyncSession, team_id: int, user_id: int, action: Action
) -> tuple[Team, Role]:
    """`lock_team` for somebody who may do this now, and their role; else raises 404 or 403."""
    team = await lock_team(session, team_id)
    mine = await membership(session, team_id, user_id)
    if mine is None:
        raise not_found("team")
    role = Role(mine.role)
    require([role], action)
    return team, role


async def membership(session: AsyncSession, team_id: int, user_id: int) -> Membership | None:
    """Somebody's membership as it is now, with the person."""
    return await session.scalar(
        select(Membership)
        .where(Membership.team_id == team_id, Membership.user_id == user_id)
        .options(joinedload(Membership.user))
        .execution_options(populate_existing=True)
    )


async def member(session: AsyncSession, team_id: int, user_id: int) -> Membership:
    """Somebody in the team; raises 404."""
    found = await membership(session, team_id, user_id)
    if found is None:
        raise not_found("member")
    return found


def members_of(team_id: int) -> Select[Membership]:
    """Who is in the team."""
    return (
        select(Membership).where(Membership.team_id == team_id).options(joinedload(Membership.user))
    )


async def count_members(session: AsyncSession, team_id: int) -> int:
    """How many are in the team."""
    return await count(session, Membership.id, Membership.team_id == team_id)


async def count_owners(session: AsyncSession, team_id: int) -> int:
    """How many owners it has."""
    return await count(
        session, Membership.id, Membership.team_id == team_id, Membership.role == Role.OWNER
    )


async def count_owned(session: AsyncSession, user_id: int) -> int:
    """How many teams somebody owns."""
    return await count(
        session, Membership.id, Membership.user_id == user_id, Membership.role == Role.OWNER
    )


def is_open() -> ColumnElement[bool]:
    """Neither accepted nor revoked; perhaps too old, and then sending it again renews it."""
    return Invitation.accepted_at.is_(None) & Invitation.revoked_at.is_(None)


def is_pending() -> ColumnElement[bool]:
    """Can be accepted."""
    return is_open() & (Invitation.expires_at > func.now())


def pending(invitation_id: int) -> Select[Invitation]:
    """One invitation, if it can be accepted; for the task that mails it."""
    return select(Invitation).where(Invitation.id == invitation_id, is_pending())


def invitations_of(team_id: int) -> Select[Invitation]:
    """The open invitations of a team."""
    return (
        select(Invitation)
        .where(Invitation.team_id == team_id, is_open())
        .options(joinedload(Invitation.invited_by))
    )


async def open_invitation(
    session: AsyncSession, team_id: int, which: ColumnElement[bool]
) -> Invitation | None:
    """An open invitation of a team, as it is now."""
    return await session.scalar(
        invitations_of(team_id).where(which).execution_options(populate_existing=True)
    )


async def count_pending(
    session: AsyncSession, team_id: int, *, other_than: int | None = None
) -> int:
    """How many invitations of the team can be accepted, but for one."""
    which = [Invitation.team_id == team_id, is_pending()]
    if other_than is not None:
        which.append(Invitation.id != other_than)
    return await count(session, Invitation.id, *which)


def invitations_for(user_id: int) -> Select[Invitation]:
    """What somebody may accept: sent to an address that they have verified."""
    verified = select(func.lower(EmailAddress.email)).where(
        EmailAddress.user_id == user_id, EmailAddress.verified
    )
    return (
        select(Invitation)
        .where(is_pending(), Invitation.email.in_(verified))
        .options(joinedload(Invitation.invited_by), joinedload(Invitation.team))
    )


async def invitation_for(
    session: AsyncSession, user_id: int, which: ColumnElement[bool]
) -> Invitation:
    """One that this person may accept; raises 404."""
    found = await session.scalar(invitations_for(user_id).where(which))
    if found is None:
        raise not_found("invitation")
    return found


def has_token(token: str) -> ColumnElement[bool]:
    """The invitation whose mail held this token."""
    return Invitation.digest == digest(token)


async def pending_by_token(session: AsyncSession, token: str) -> Invitation | None:
    """The invitation of a link, if it can be accepted; whoever has the link may read it."""
    return await session.scalar(
        select(Invitation)
        .where(is_pending(), has_token(token))
        .options(joinedload(Invitation.invited_by), joinedload(Invitation.team))
    )


async def lock_invitation(session: AsyncSession, invitation_id: int) -> Invitation:
    """An invitation as it is now; lock its team before. Raises 404 when it is gone."""
    found = await session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise not_found("invitation")
    return found


async def has_verified(session: AsyncSession, user_id: int, email: str) -> bool:
    """Whether this is an address of the person, and verified."""
    return bool(
        await count(
            session,
            EmailAddress.id,
            EmailAddress.user_id == user_id,
            EmailAddress.verified.is_(True),
            func.lower(EmailAddress.email) == email.lower(),
        )
    )


async def stays(session: AsyncSession, user_id: int) -> bool:
    """Whether the person is there, and not deleted before the commit."""
    who = select(User.id).where(User.id == user_id, User.is_active)
    return await session.scalar(who.with_for_update(read=True, key_share=True)) is not None


def keys_of(team_id: int) -> Select[ApiKey]:
    """The keys of a team that nobody has revoked; some may have expired."""
    return (
        select(ApiKey)
        .where(ApiKey.team_id == team_id, ApiKey.revoked_at.is_(None))
        .options(joinedload(ApiKey.created_by))
    )


async def count_keys(session: AsyncSession, team_id: int) -> int:
    """How many keys nobody has revoked."""
    return await count(session, ApiKey.id, ApiKey.team_id == team_id, ApiKey.revoked_at.is_(None))


async def live_key(session: AsyncSession, team_id: int, key_id: int) -> ApiKey:
    """A key of the team; raises 404."""
    found = await session.scalar(keys_of(team_id).where(ApiKey.id == key_id))
    if found is None:
        raise not_found("API key")
    return found


async def count(
    session: AsyncSession, column: InstrumentedAttribute[int], *which: ColumnElement[bool]
) -> int:
    """How many rows there are."""
    return await session.scalar(select(func.count(column)).where(*which)) or 0


def called(user: User | None) -> str | None:
    """How people know somebody; None for nobody."""
    return (user.name or user.email) if user else None
