"""What staff see. Password hashes and digests are in no view: no page shows or changes them."""

from typing import Any, ClassVar

from starlette.requests import Request
from starlette_admin.contrib.sqla import ModelView

from service.accounts.models import AccessToken, EmailAddress, User


class StaffView(ModelView):
    """Staff look; only superusers change. Nothing is made or imported here."""

    exporters: ClassVar[list[str]] = []
    importers: ClassVar[list[str]] = []
    page_size = 25

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

    fields: ClassVar[list[Any]] = [
        User.id,
        User.email,
        User.name,
        User.is_active,
        User.is_staff,
        User.is_superuser,
        User.date_joined,
        User.last_login,
    ]
    searchable_fields: ClassVar[list[Any]] = [User.email, User.name]
    sortable_fields: ClassVar[list[Any]] = [User.id, User.email, User.name, User.date_joined]
    exclude_fields_from_edit: ClassVar[list[Any]] = [
        User.email,
        User.date_joined,
        User.last_login,
    ]
    fields_default_sort: ClassVar[list[Any]] = [(User.date_joined, True)]


class AddressView(StaffView):
    """Their addresses, and whether they are verified."""

    menu_label = "E-mail addresses"
    display_name = "E-mail address"
    fields: ClassVar[list[Any]] = [
        EmailAddress.id,
        EmailAddress.user,
        EmailAddress.email,
        EmailAddress.verified,
        EmailAddress.primary,
    ]
    searchable_fields: ClassVar[list[Any]] = [EmailAddress.email]
    sortable_fields: ClassVar[list[Any]] = [EmailAddress.id, EmailAddress.email]
    exclude_fields_from_edit: ClassVar[list[Any]] = [
        EmailAddress.user,
        EmailAddress.email,
        EmailAddress.primary,
    ]


class SessionView(StaffView):
    """Their logins. Deleting one ends it at once."""

    menu_label = "Sessions"
    display_name = "Session"
    fields: ClassVar[list[Any]] = [
        AccessToken.id,
        AccessToken.user,
        AccessToken.kind,
        AccessToken.user_agent,
        AccessToken.created_at,
        AccessToken.last_used_at,
        AccessToken.expires_at,
    ]
    searchable_fields: ClassVar[list[Any]] = [AccessToken.user_agent, AccessToken.kind]
    sortable_fields: ClassVar[list[Any]] = [AccessToken.created_at, AccessToken.last_used_at]
    fields_default_sort: ClassVar[list[Any]] = [(AccessToken.created_at, True)]

    def can_edit(self, request: Request) -> bool:
        """A session is what it is."""
        return False

    def can_delete(self, request: Request) -> bool:
        """Every member of staff may end a session."""
        return True


def is_superuser(request: Request) -> bool:
    """Whether the member of staff may change people."""
    return bool(request.state.caller.is_superuser)
