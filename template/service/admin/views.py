"""What staff see. Password hashes and digests are in no view: no page shows or changes them."""

from typing import Any

from starlette.requests import Request
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.exceptions import ActionFailed
from starlette_admin.fields import (
    BooleanField,
    DateTimeField,
    EmailField,
    HasOne,
    IntegerField,
    StringField,
)

from core.audit import Actor, ActorKind, AuditAction, acting_as
from core.problems import Problem
from service.accounts.deletion import delete_account
from service.accounts.factors.changes import remove_for_owner
from service.audit.record import record
from service.http.client import client_ip

EDITABLE = ("name", "is_active", "is_staff", "is_superuser")


class StaffView(ModelView):
    """Staff look; only superusers change. Nothing is made or imported here."""

    exporters = ()
    importers = ()
    page_size = 25

    async def repr(self, obj: object, request: Request) -> str:
        """How a row is called where another one refers to it."""
        return str(obj)

    def can_create(self, request: Request) -> bool:
        """People sign up themselves, so that their address is verified."""
        return False

    def can_import(self, request: Request) -> bool:
        """As `can_create`."""
        return False

    def can_export(self, request: Request) -> bool:
        """Lists of people leave by other ways, on purpose."""
        return False

    def can_edit(self, request: Request) -> bool:
        """Only for superusers: whoever can make staff could make themselves anything."""
        return is_superuser(request)

    def can_delete(self, request: Request) -> bool:
        """Only for superusers."""
        return is_superuser(request)


class UserView(StaffView):
    """People. To lock somebody out, take `is_active` away: it works at once."""

    fields = (
        IntegerField("id", label="Id", exclude_from_edit=True),
        EmailField("email", label="E-mail", exclude_from_edit=True),
        StringField("name", label="Name", maxlength=150),
        BooleanField("is_active", label="May log in"),
        BooleanField("is_staff", label="Staff"),
        BooleanField("is_superuser", label="Superuser"),
        DateTimeField("date_joined", label="Joined", exclude_from_edit=True),
        DateTimeField("last_login", label="Last login", exclude_from_edit=True),
    )
    searchable_fields = ("email", "name")
    sortable_fields = ("id", "email", "name", "date_joined", "last_login")
    fields_default_sort = (("date_joined", True),)

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        """Change them, and note which fields; the values may be personal."""
        found = await self.find_by_pk(request, pk)
        former = {name: getattr(found, name, None) for name in EDITABLE}
        user = await super().edit(request, pk, data)
        changed = [name for name in EDITABLE if getattr(user, name) != former[name]]
        if changed:
            await note_change(request, user.id, changed=changed)
        return user

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """With all that belongs to nobody else, as people do it themselves; all or none."""
        session = request.state.session
        try:
            with acting_as(staff(request)):
                async with session.begin_nested():
                    gone = [await delete_account(session, pk) for pk in sorted(map(int, pks))]
        except Problem as problem:
            raise ActionFailed(problem.sentence) from None
        return sum(gone)


class AddressView(StaffView):
    """Their addresses, and whether they are verified."""

    menu_label = "E-mail addresses"
    display_name = "E-mail address"
    fields = (
        IntegerField("id", label="Id", exclude_from_edit=True),
        HasOne("user", label="User", key="user", exclude_from_edit=True),
        EmailField("email", label="E-mail", exclude_from_edit=True),
        BooleanField("verified", label="Verified", exclude_from_edit=True),
        BooleanField("primary", label="Primary", exclude_from_edit=True),
    )
    searchable_fields = ("email",)
    sortable_fields = ("id", "email")

    def can_edit(self, request: Request) -> bool:
        """Only its owner proves an address."""
        return False

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Forget addresses, and note whose."""
        for address in await self.find_by_pks(request, pks):
            await note_change(request, address.user_id, removed="email address")
        return await super().delete(request, pks)


class FactorView(StaffView):
    """Their apps, passkeys and recovery codes, to remove one for somebody who lost it."""

    menu_label = "Second factors"
    display_name = "Second factor"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("user", label="User", key="user"),
        StringField("type", label="Kind"),
        DateTimeField("created_at", label="Since"),
        DateTimeField("last_used_at", label="Last used"),
    )
    searchable_fields = ("type",)
    sortable_fields = ("id", "created_at", "last_used_at")
    fields_default_sort = (("created_at", True),)

    def can_edit(self, request: Request) -> bool:
        """A factor is what it is."""
        return False

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """Its owner is told; with the last factor the recovery codes go, too."""
        session = request.state.session
        with acting_as(staff(request)):
            removed = [await remove_for_owner(session, factor) for factor in sorted(map(int, pks))]
        return sum(removed)


class SessionView(StaffView):
    """Their logins. Deleting one ends it at once."""

    menu_label = "Sessions"
    display_name = "Session"
    fields = (
        IntegerField("id", label="Id"),
        HasOne("user", label="User", key="user"),
        StringField("kind", label="Kind"),
        StringField("user_agent", label="Device"),
        StringField("ip_address", label="Address"),
        DateTimeField("created_at", label="Began"),
        DateTimeField("last_used_at", label="Last used"),
        DateTimeField("expires_at", label="Ends"),
    )
    searchable_fields = ("user_agent", "kind")
    sortable_fields = ("id", "created_at", "last_used_at", "expires_at")
    fields_default_sort = (("created_at", True),)

    def can_edit(self, request: Request) -> bool:
        """A session is what it is."""
        return False

    def can_delete(self, request: Request) -> bool:
        """Every member of staff may end a session."""
        return True

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        """End them, and note whose."""
        session = request.state.session
        with acting_as(staff(request)):
            for ended in await self.find_by_pks(request, pks):
                await record(session, AuditAction.SESSION_ENDED, target=("user", ended.user_id))
        return await super().delete(request, pks)


async def note_change(request: Request, user_id: int, **details: object) -> None:
    """Write down that staff changed somebody."""
    with acting_as(staff(request)):
        await record(
            request.state.session,
            AuditAction.STAFF_CHANGED_USER,
            target=("user", user_id),
            details=details,
        )


def is_superuser(request: Request) -> bool:
    """Whether the member of staff may change people."""
    return bool(request.state.caller.is_superuser)


def staff(request: Request) -> Actor:
    """The member of staff, for the audit log."""
    return Actor(ActorKind.USER, request.state.caller.id, None, client_ip(request.scope))
