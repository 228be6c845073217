"""All that is stored about somebody, for themselves. Secrets and digests stay out."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.factors import passkeys
from service.accounts.factors.queries import factors_of
from service.accounts.models import (
    AccessToken,
    Authenticator,
    EmailAddress,
    SocialAccount,
    User,
)
from service.teams.models import Invitation, Membership, Team

# What features know of somebody, by its kind.
MORE: dict[str, Callable[[AsyncSession, int], Awaitable[list[dict[str, Any]]]]] = {}


async def export(session: AsyncSession, user: User) -> dict[str, Any]:
    """The user's data by its kind."""
    return {
        "user": columns(user, "id email name is_staff is_superuser date_joined last_login"),
        "email_addresses": [
            columns(found, "email verified primary")
            for found in await session.scalars(
                select(EmailAddress)
                .where(EmailAddress.user_id == user.id)
                .order_by(EmailAddress.id)
            )
        ],
        "sessions": [
            columns(found, "kind user_agent ip_address created_at last_used_at expires_at")
            for found in await session.scalars(
                select(AccessToken).where(AccessToken.user_id == user.id).order_by(AccessToken.id)
            )
        ],
        "second_factors": [
            {**columns(found, "type created_at last_used_at"), "name": factor_name(found)}
            for found in await factors_of(session, user.id)
        ],
        "social_accounts": [
            columns(found, "provider uid date_joined last_login extra_data")
            for found in await session.scalars(
                select(SocialAccount)
                .where(SocialAccount.user_id == user.id)
                .order_by(SocialAccount.id)
            )
        ],
        "teams": [
            {"name": name, **columns(found, "team_id role created_at")}
            for found, name in await session.execute(
                select(Membership, Team.name)
                .join(Team)
                .where(Membership.user_id == user.id)
                .order_by(Membership.id)
            )
        ],
        "invitations": [
            columns(found, "team_id email role created_at accepted_at revoked_at")
            for found in await session.scalars(
                select(Invitation).where(Invitation.email == user.email).order_by(Invitation.id)
            )
        ],
        **{kind: await known(session, user.id) for kind, known in MORE.items()},
    }


def columns(row: object, names: str) -> dict[str, Any]:
    """These columns of a row."""
    return {name: getattr(row, name) for name in names.split()}


def factor_name(factor: Authenticator) -> str | None:
    """What its owner calls it; passkeys alone have names."""
    return factor.data["name"] if factor.type == passkeys.TYPE else None
