"""The admin, for staff: people and teams, what they did, and the background work.

Pages by starlette-admin: https://jowilf.github.io/starlette-admin
"""

import logging
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.middleware import Middleware
from starlette_admin.contrib.sqla import Admin
from starlette_admin.views import CustomView
from starlette_admin.widgets import HtmlWidget

from core.env import get_settings
from core.project import project
from service.accounts.models import AccessToken, Authenticator, EmailAddress, User
from service.admin.impersonation import ImpersonationPage
from service.admin.login import StaffLogin
from service.admin.policy import AdminPolicy, NonceLoader, csp_nonce
from service.admin.queue import DeadLetterView, MessageView, QueuePage, ScheduleView
from service.admin.teams import (
    ApiKeyView,
    EntryView,
    InvitationView,
    MembershipView,
    TeamView,
)
from service.admin.views import AddressView, FactorView, SessionView, UserView
from service.audit.models import Entry
from service.db import sessions
from service.outbox.models import DeadLetter, Message, Schedule
from service.teams.models import ApiKey, Invitation, Membership, Team
from service.teams.scope import across_teams


class StaffSessions(async_sessionmaker[AsyncSession]):
    """The sessions of the admin: staff see the rows of all teams."""

    def __call__(self, **options: Any) -> AsyncSession:
        """A session on the engine that the lifespan opened."""
        return sessions(info=across_teams(), **options)


def install(app: FastAPI) -> None:
    """Serve the admin at `/admin/`."""
    # It logs the names that people try to log in with; some type their password there.
    logging.getLogger("starlette_admin").setLevel(logging.ERROR)
    admin = Admin(
        StaffSessions(),
        title=project.name,
        index_view=CustomView(
            route_name="index",
            add_to_menu=False,
            widget=HtmlWidget(
                html=f"<h1>{escape(project.name)}</h1>"
                "<p>People and their logins, teams, what was done, and the background work.</p>"
            ),
        ),
        auth_provider=StaffLogin(app),
        secret_key=get_settings().secret_key.get_secret_value(),
        middlewares=[Middleware(AdminPolicy)],
        templates_dir=str(Path(__file__).with_name("templates")),
    )
    environment = admin.templates.env
    if environment.loader is None:
        raise RuntimeError("the admin has no templates")
    environment.loader = NonceLoader(environment.loader)
    environment.globals["csp_nonce"] = csp_nonce
    admin.add_view(UserView(User, icon="fa fa-user"))
    admin.add_view(AddressView(EmailAddress, icon="fa fa-envelope"))
    admin.add_view(FactorView(Authenticator, icon="fa fa-mobile"))
    admin.add_view(SessionView(AccessToken, icon="fa fa-key"))
    admin.add_view(ImpersonationPage())
    admin.add_view(TeamView(Team, icon="fa fa-people-group"))
    admin.add_view(MembershipView(Membership, icon="fa fa-people-arrows"))
    admin.add_view(InvitationView(Invitation, icon="fa fa-paper-plane"))
    admin.add_view(ApiKeyView(ApiKey, icon="fa fa-plug"))
    admin.add_view(EntryView(Entry, icon="fa fa-clock-rotate-left"))
    admin.add_view(QueuePage(app))
    admin.add_view(MessageView(Message, icon="fa fa-list-check"))
    admin.add_view(DeadLetterView(DeadLetter, icon="fa fa-triangle-exclamation"))
    admin.add_view(ScheduleView(Schedule, icon="fa fa-clock"))
    admin.mount_to(app)
