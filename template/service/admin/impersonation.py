"""Where a superuser opens a session as somebody, to see what they see."""

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin.routing import route
from starlette_admin.views import CustomView

from core.audit import acting_as
from core.problems import Problem
from service.accounts.impersonation import LIFETIME, start_acting_as
from service.accounts.login import OpenedSession
from service.accounts.models import User
from service.admin.views import is_superuser, staff

MINUTES = int(LIFETIME.total_seconds() // 60)


class ImpersonationPage(CustomView):
    """Act as somebody; only by the button, and the audit log tells."""

    menu_label = "Act as somebody"
    icon = "fa fa-user-secret"
    path = "/act-as"
    route_name = "act-as"

    def is_accessible(self, request: Request) -> bool:
        """For superusers alone."""
        return is_superuser(request)

    @route("")
    async def index(self, request: Request) -> Response:
        """Asks as whom."""
        return self.page(request)

    @route("", methods=["POST"], name="start")
    async def start(self, request: Request) -> Response:
        """Opens the session; its token is shown only now."""
        email = str((await request.form()).get("email", "")).strip().lower()
        session = request.state.session
        user = await session.scalar(select(User).where(User.email == email))
        if user is None:
            return self.page(request, 422, email=email, error="Nobody has this address.")
        try:
            with acting_as(staff(request)):
                opened = await start_acting_as(session, request.state.caller.id, user)
        except Problem as problem:
            return self.page(request, problem.status, email=email, error=problem.sentence)
        return self.page(request, email=email, opened=opened)

    def page(
        self,
        request: Request,
        status: int = 200,
        *,
        email: str = "",
        error: str = "",
        opened: OpenedSession | None = None,
    ) -> Response:
        """The form, and what came of it."""
        if not is_superuser(request):
            raise HTTPException(403)
        if self.templates is None:
            raise RuntimeError("the page is not part of an admin")
        context = {
            "title": self.title(request),
            "email": email,
            "error": error,
            "opened": opened,
            "minutes": MINUTES,
        }
        return self.templates.TemplateResponse(request, "act_as.html", context, status)
