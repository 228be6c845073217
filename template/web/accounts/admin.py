"""Users, addresses and tokens in the admin."""

from collections.abc import Iterable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from core.audit import AuditAction
from web.accounts.deletion import delete_account, what_stands_in_the_way
from web.accounts.models import AccessToken, User
from web.admin import RefusableAdmin
from web.audit.record import record
from web.outbox.admin import ReadOnlyAdmin
from web.teams.admin import MembersInline

# The login of the admin is the login of the site, with its limits and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# What allauth registers shows secrets, or belongs in the environment.
admin.site.unregister(
    [Authenticator, EmailAddress, Group, SocialAccount, SocialApp, SocialToken, UserSession]
)
# What makes somebody staff, and what they may then do.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


def may_touch(request: HttpRequest, user: User | None) -> bool:
    """Whether this account may be changed: those of staff by superusers alone.

    Else whoever may change people could take the account of somebody who may do more.
    """
    return user is None or request.user.is_superuser or not (user.is_staff or user.is_superuser)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, RefusableAdmin):
    """People. The address changes only by its owner, who has to verify it."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Rights", {"fields": ("is_active", *RIGHTS)}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    change_form_outer_before_template = "admin/impersonation/start.html"

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002  Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """A password set by staff ends what the old one opened; its owner is told."""
        former = self.get_object(request, unquote(id))
        response = super().user_change_password(request, id, form_url)
        user = self.get_object(request, unquote(id))
        if user and former and user.password != former.password:
            user.access_tokens.all().delete()
            changed = {"changed": ["password"]}
            record(AuditAction.STAFF_CHANGED_USER, target=("user", user.pk), details=changed)
            get_adapter().send_notification_mail("account/email/password_changed", user)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """The address can be given when a user is made; only superusers give rights."""
        rights = () if request.user.is_superuser else RIGHTS
        return (*self.readonly_fields, *(("email",) if obj else ()), *rights)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Other staff change people, but nobody who may use the admin."""
        return super().has_change_permission(request, obj) and may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """As for changes."""
        return super().has_delete_permission(request, obj) and may_touch(request, obj)

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[type[InlineModelAdmin]]:
        """The teams of somebody who exists."""
        return [MembersInline] if obj else []

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """Note which fields staff changed; the values may be personal."""
        super().save_model(request, obj, form, change)
        changed = {"changed": form.changed_data if change else ["created"]}
        record(AuditAction.STAFF_CHANGED_USER, target=("user", obj.pk), details=changed)

    def get_deleted_objects(
        self, objs: QuerySet[User] | Iterable[User], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Who may delete an account may delete what goes with it, if no team loses its owner."""
        users = list(objs)
        listed, counts, _, protected = super().get_deleted_objects(users, request)
        for user in users:
            if not may_touch(request, user):
                protected.append(f"{user}: may use the admin")
            if problem := what_stands_in_the_way(user):
                protected.append(f"{user}: {problem.sentence}")
        return listed, counts, set(), protected

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the account, as its owner would."""
        delete_account(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete several accounts, or none."""
        with transaction.atomic():
            for user in queryset.order_by("pk"):
                delete_account(user)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of staff and what they may do."""


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Which address belongs to whom, and whether they have proven it: they alone can."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email", "user__email", "user__name")


class WayInAdmin(ModelAdmin):
    """A way into somebody's account; staff can end one, whose owner is told, and not make one."""

    removed: AuditAction
    mail: str

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ways in are set up by those they belong to."""
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator | SocialAccount) -> None:
        """End it, and say so to its owner and to the audit log."""
        record(self.removed, target=("user", obj.user_id))
        get_adapter().send_notification_mail(self.mail, obj.user)
        super().delete_model(request, obj)

    def delete_queryset(
        self, request: HttpRequest, queryset: QuerySet[Authenticator] | QuerySet[SocialAccount]
    ) -> None:
        """End several, each as if it were the only one."""
        for found in queryset:
            self.delete_model(request, found)


@admin.register(Authenticator)
class AuthenticatorAdmin(WayInAdmin):
    """Second factors and passkeys; staff can remove one that was lost, and never see its secret."""

    removed = AuditAction.SECOND_FACTOR_REMOVED
    mail = "removed_by_staff"

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    fields = list_display
    readonly_fields = fields


@admin.register(SocialAccount)
class SocialAccountAdmin(WayInAdmin):
    """Which accounts of other sites log whom in."""

    removed = AuditAction.CONNECTION_REMOVED
    mail = "socialaccount/email/account_disconnected"

    list_display = ("user", "provider", "uid", "date_joined", "last_login")
    list_filter = ("provider",)
    search_fields = ("user__email", "uid")
    list_select_related = ("user",)
    fields = list_display
    readonly_fields = fields


@admin.register(AccessToken)
class AccessTokenAdmin(ModelAdmin):
    """The tokens in use; staff can end one, and never see or make one."""

    list_display = ("user", "kind", "created_at", "last_used_at", "expires_at", "ip_address")
    list_filter = ("kind",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    fields = (*list_display, "user_agent")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tokens are made by those they belong to."""
        return False
