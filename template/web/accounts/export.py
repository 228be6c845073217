"""All that is stored about somebody, for themselves. Secrets and digests stay out."""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.audit import ActorKind
from web.accounts.models import AccessToken, User
from web.audit.models import Entry
from web.teams.models import Invitation, Membership

INVITATION = "team_id email role created_at accepted_at revoked_at"

# What features know of somebody, by its kind.
MORE: dict[str, Callable[[User], list[dict[str, Any]]]] = {}


def export(user: User) -> dict[str, Any]:
    """The user's data by its kind."""
    memberships = Membership.objects.of(user).order_by("pk")
    verified = EmailAddress.objects.filter(user=user, verified=True).values(lower=Lower("email"))
    received = Invitation.objects.filter(email__in=verified)
    by_user = Q(actor_kind=ActorKind.USER, actor_id=user.pk)
    entries = Entry.objects.filter(by_user | Q(target_kind="user", target_id=user.pk))
    return {
        "user": columns(user, "id email name is_staff is_superuser date_joined last_login"),
        "email_addresses": rows(EmailAddress.objects.filter(user=user), "email verified primary"),
        "sessions": [
            *(
                {"kind": "browser", **columns(found, "user_agent ip created_at last_seen_at")}
                for found in UserSession.objects.filter(user=user).order_by("pk")
            ),
            *rows(
                AccessToken.objects.filter(user=user),
                "kind user_agent ip_address created_at last_used_at expires_at",
            ),
        ],
        "second_factors": [
            {**columns(found, "type created_at last_used_at"), "name": found.data.get("name")}
            for found in Authenticator.objects.filter(user=user).order_by("pk")
        ],
        "social_accounts": rows(
            SocialAccount.objects.filter(user=user),
            "provider uid date_joined last_login extra_data",
        ),
        "teams": [
            {"name": found.team.name, **columns(found, "team_id role created_at")}
            for found in memberships
        ],
        "invitations": rows(received, INVITATION),
        "sent_invitations": rows(user.sent_invitations, INVITATION),
        "api_keys": rows(user.made_api_keys, "team_id name prefix created_at"),
        "audit_log": [told(entry, user) for entry in entries.order_by("pk")],
        **{kind: known(user) for kind, known in MORE.items()},
    }


def told(entry: Entry, user: User) -> dict[str, Any]:
    """An entry by the user or about them; where others were when they did it is not told."""
    by_user = entry.actor_kind == ActorKind.USER and entry.actor_id == user.pk
    own = by_user and entry.impersonator_id is None
    return {
        **columns(entry, "action created_at team_id target_kind target_id details"),
        "by_me": own,
        "ip_address": entry.ip_address if own else None,
    }


def rows(found: models.QuerySet[Any] | models.Manager[Any], names: str) -> list[dict[str, Any]]:
    """These columns of each row, the oldest first."""
    return [columns(row, names) for row in found.order_by("pk")]


def columns(row: object, names: str) -> dict[str, Any]:
    """These columns of a row."""
    return {name: getattr(row, name) for name in names.split()}
