"""The admin, for staff: people, their addresses and sessions, and the background work.

Pages by starlette-admin: https://jowilf.github.io/starlette-admin
"""

import logging
from html import escape
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette_admin.contrib.sqla import Admin
from starlette_admin.views import CustomView
from starlette_admin.widgets import HtmlWidget

from core.env import get_settings
from core.project import project
from service.accounts.models import AccessToken, Authenticator, EmailAddress, User
from service.admin.login import StaffLogin
from service.admin.policy import AdminPolicy, NonceLoader, csp_nonce
from service.admin.queue import DeadLetterView, MessageView, QueuePage, ScheduleView
from service.admin.views import AddressView, FactorView, SessionView, UserView
from service.db import sessions
from service.outbox.models import DeadLetter, Message, Schedule


def install(app: FastAPI) -> None:
    """Serve the admin at `/admin/`."""
    # It logs the names that people try to log in with; some type their password there.
    logging.getLogger("starlette_admin").setLevel(logging.ERROR)
    admin = Admin(
        sessions,
        title=project.name,
        index_view=CustomView(
            route_name="index",
            add_to_menu=False,
            widget=HtmlWidget(
                html=f"<h1>{escape(project.name)}</h1>"
                "<p>People, their addresses and logins, and the background work.</p>"
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
    admin.add_view(QueuePage(app))
    admin.add_view(MessageView(Message, icon="fa fa-list-check"))
    admin.add_view(DeadLetterView(DeadLetter, icon="fa fa-triangle-exclamation"))
    admin.add_view(ScheduleView(Schedule, icon="fa fa-clock"))
    admin.mount_to(app)
