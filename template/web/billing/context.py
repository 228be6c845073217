"""What every page shows of billing: a way to the prices, and a notice when the plan is at risk."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.billing.access import MANAGE_BILLING
from core.billing.entitlements import Entitlements, Standing
from core.teams.roles import Role, may
from web.accounts.models import User
from web.billing.entitlements import entitlements_of
from web.teams.models import Membership, Team
from web.teams.request import current_membership


@dataclass(frozen=True)
class Notice:
    """What somebody should know of their team's plan."""

    team: Team
    standing: Standing
    plan: str
    until: datetime | None
    # Whether this person can do something about it.
    may_manage: bool


class PageBilling:
    """Billing, as far as one page shows it; nothing is asked before a template shows it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def membership(self) -> Membership | None:
        """The membership in the team of this page."""
        user = getattr(self.request, "user", None)
        if not isinstance(user, User):
            return None
        known: Membership | None = getattr(self.request, "membership", None)
        return known or current_membership(self.request, user)

    @cached_property
    def entitlements(self) -> Entitlements | None:
        """What the team of this page may do; None for somebody without a team."""
        return entitlements_of(self.membership.team_id) if self.membership else None

    @property
    def is_about_billing(self) -> bool:
        """Whether the page says it all itself."""
        match = self.request.resolver_match
        return match is not None and match.route.startswith("teams/<int:team_id>/billing/")

    @cached_property
    def notice(self) -> Notice | None:
        """What to say on every page, if there is something.

        That a trial runs is for those alone who can subscribe; a missing payment is for everybody.
        """
        member, entitled = self.membership, self.entitlements
        if member is None or entitled is None or self.is_about_billing:
            return None
        may_manage = may([Role(member.role)], MANAGE_BILLING)
        said = {Standing.GRACE, Standing.SUSPENDED, *([Standing.TRIAL] if may_manage else [])}
        if entitled.standing not in said:
            return None
        return Notice(
            member.team, entitled.standing, entitled.plan.name, entitled.until, may_manage
        )


@dataclass(frozen=True)
class Link:
    """Where a label leads."""

    label: str
    url: str


def billing(request: HttpRequest) -> dict[str, Any]:
    """What `base.html` and `teams/base.html` show, and `billing` for templates that ask more."""

    def team_tabs() -> list[Link]:
        team = getattr(request, "team", None)
        return [Link("Billing", reverse("billing", args=[team.pk]))] if team else []

    return {
        "billing": PageBilling(request),
        "notice_template": "billing/notice.html",
        "site_links": [Link("Pricing", reverse("pricing"))],
        "team_tabs": team_tabs,
    }
