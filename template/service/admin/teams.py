"""Teams as staff see them. The rules hold for staff, too: no team loses its last owner here."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.fields import (
    DateTimeField,
    EnumField,
    HasOne,
    IntegerField,
    StringField,
    TextAreaField,
)

from core.audit import AuditAction, acting_as
from core.problems import Problem
from core.teams.roles import Role
from service.admin.queue import ReadOnlyView
from service.admin.views import StaffView, staff
from service.audit.models import Entry
from service.audit.record import record
from service.teams import queries
from service.teams.api_keys import end_key
from service.teams.invitations import end
from service.teams.members import end_membership, set_role
from service.teams.models import ApiKey, Invitation, Membership, Team


@asynccontextmanager
async def as_staff(request: Request, field: str = "") -> AsyncIterator[AsyncSession]:
    """Act as the member of staff; what a rule refuses is shown at the field, or as a message.

    All of it is done, or nothing.
    """
    session: AsyncSession = request.state.session
    try:
        with acting_as(staff(request)):
            async with session.begin_nested():
                yield session
    except Problem as problem:
        if field:
            raise FormValidationError({field: problem.sentence}) from None
        raise ActionFailed(problem.sentence) from None


async def lock_teams(
    session: AsyncSession, rows: Sequence[Membership | Invitation | ApiKey]
) -> None:
    """Lock the teams of the rows in the order of their ids, as everybody does."""
    for team_id in sorted({row.team_id for row in rows}):
        await queries.lock_team(session, team_id)


class TeamView(StaffView):
    """Teams. Superusers change how many seats one has; empty means no limit."""

    fields = (
        IntegerField("id", label="Id", exclude_from_edit=True),
        StringField("name", label="Name", exclude_from_edit=True),
        IntegerField("personal_user_id", label="Personal team of user", exclude_from_edit=True),
        IntegerField("seat_limit", label="Seats", min=1),
        DateTimeField("created_at", label="Made", exclude_from_edit=True),
    )
    searchable_fields = ("name",)
    sortable_fields = ("id", "name", "seat_limit", "created_at")
    fields_default_sort = (("id", True),)

    def can_delete(self, request: Request) -> bool:
        """Its owner deletes a team."""
        return False

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Team:
        """Change the seats, and note it."""
        async with as_staff(request, "seat_limit") as session:
            team = await queries.lock_team(session, int(pk))
            former, new = team.seat_limit, data.get("seat_limit")
            if new is not None and new < 1:
                raise FormValidationError({"seat_limit": "At least one, or empty for no limit."})
            if former != new:
                team.seat_limit = new
                await record(
                    session,
                    AuditAction.SEAT_LIMIT_CHANGED,
                    team_id=team.id,
                    target=("team", team.id),
                    details={"former": former, "new": new},
                )
        return team


class MembershipView(StaffView):
    """Who is in which team. Superusers change roles and remove members."""

    fields = (
        IntegerField("id", label="Id", exclude_from_edit=True),
        HasOne("team", label="Team", key="team", exclude_from_edit=True),
        HasOne("user", label="User", key="user", exclude_from_edit=True),
        EnumField("role", label="Role", choices=[(role.value, role.value) for role in Role]),
        DateTimeField("created_at", label="Since", exclude_from_edit=True),
    )
    searchable_fields = ("user.email", "team.name", "role")
    sortable_fields = ("id", "role", "created_at")
    fields_default_sort = (("id", True),)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Membership:
        """Change the role, as far as the rules of teams let anybody."""
        async with as_staff(request, "role") as session:
            member = await self.locked(request, pk)
            await set_role(session, member, Role(data["role"]))
        return member

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Remove members, as far as the rules of teams let anybody."""
        async with as_staff(request) as session:
            found = await self.find_by_pks(request, pks)
            await lock_teams(session, found)
            for team_id, user_id in [(each.team_id, each.user_id) for each in found]:
                member = await queries.member(session, team_id, user_id)
                await end_membership(session, member, AuditAction.MEMBER_REMOVED)
        return len(pks)

    async def locked(self, request: Request, pk: Any) -> Membership:
        """The membership as it is now, with its team locked."""
        found: Membership = await self.find_by_pk(request, pk)
        await queries.lock_team(request.state.session, found.team_id)
        return await queries.member(request.state.session, found.team_id, found.user_id)


class InvitationView(StaffView):
    """Who was invited. Deleting an invitation revokes it; the row stays."""

    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("email", label="E-mail"),
        StringField("role", label="Role"),
        HasOne("invited_by", label="Invited by", key="user"),
        DateTimeField("created_at", label="Sent"),
        DateTimeField("expires_at", label="Ends"),
        DateTimeField("accepted_at", label="Accepted"),
        DateTimeField("revoked_at", label="Revoked"),
    )
    searchable_fields = ("email", "team.name")
    sortable_fields = ("id", "email", "created_at", "expires_at")
    fields_default_sort = (("id", True),)

    def can_edit(self, request: Request) -> bool:
        """An invitation is what it is."""
        return False

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Take them back."""
        async with as_staff(request) as session:
            rows = await self.find_by_pks(request, pks)
            await lock_teams(session, rows)
            for found in rows:
                invitation: Invitation = await queries.lock_invitation(session, found.id)
                if invitation.accepted_at is None and invitation.revoked_at is None:
                    await end(session, invitation)
        return len(pks)


class ApiKeyView(StaffView):
    """The keys of teams, without what opens anything. Deleting one revokes it; the row stays."""

    menu_label = "API keys"
    display_name = "API key"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("team", label="Team", key="team"),
        StringField("name", label="Name"),
        StringField("prefix", label="Begins with"),
        StringField("scopes", label="May", getter=lambda request, key: ", ".join(key.scopes)),
        HasOne("created_by", label="Made by", key="user"),
        DateTimeField("created_at", label="Made"),
        DateTimeField("last_used_at", label="Last used"),
        DateTimeField("expires_at", label="Ends"),
        DateTimeField("revoked_at", label="Revoked"),
    )
    searchable_fields = ("name", "prefix", "team.name")
    sortable_fields = ("id", "name", "created_at", "last_used_at")
    fields_default_sort = (("id", True),)

    def can_edit(self, request: Request) -> bool:
        """A key is what it is."""
        return False

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Let them open nothing any more."""
        async with as_staff(request) as session:
            rows: Sequence[ApiKey] = await self.find_by_pks(request, pks)
            await lock_teams(session, rows)
            for key in rows:
                await session.refresh(key)
                if key.revoked_at is None:
                    await end_key(session, key)
        return len(pks)


class EntryView(ReadOnlyView):
    """What was done, by whom and from where. The database itself refuses to change a row."""

    menu_label = "Audit log"
    display_name = "Audit entry"
    fields = (
        IntegerField("id", label="Id"),
        DateTimeField("created_at", label="When"),
        StringField("action", label="What"),
        IntegerField("team_id", label="Team"),
        StringField("actor_kind", label="By a"),
        IntegerField("actor_id", label="By"),
        IntegerField("impersonator_id", label="Support"),
        StringField("target_kind", label="To a"),
        IntegerField("target_id", label="To"),
        TextAreaField("details", label="Details", getter=lambda request, entry: details_of(entry)),
        StringField("ip_address", label="Address"),
        StringField("request_id", label="Request"),
    )
    exclude_fields_from_list = ("details", "request_id")
    searchable_fields = ("action", "team_id", "actor_id", "target_id", "request_id")
    sortable_fields = ("id", "action", "team_id", "actor_id")
    fields_default_sort = (("id", True),)


def details_of(entry: Entry) -> str:
    """The details as they are stored."""
    return json.dumps(entry.details, ensure_ascii=False)
