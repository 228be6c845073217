"""All that is stored about somebody, for themselves. Secrets and digests stay out."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import models

from web.accounts.models import AccessToken, User
from web.teams.models import Invitation, Membership


def export(user: User) -> dict[str, Any]:
    """The user's data by its kind."""
    memberships = Membership.objects.of(user).order_by("pk")
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
        "invitations": rows(
            Invitation.objects.filter(email=user.email),
            "team_id email role created_at accepted_at revoked_at",
        ),
    }


def rows(found: models.QuerySet[Any], names: str) -> list[dict[str, Any]]:
    """These columns of each row, the oldest first."""
    return [columns(row, names) for row in found.order_by("pk")]


def columns(row: object, names: str) -> dict[str, Any]:
    """These columns of a row."""
    return {name: getattr(row, name) for name in names.split()}
