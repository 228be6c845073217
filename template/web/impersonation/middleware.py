"""Keeps those who work as somebody else within bounds, with every request."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from core.problems import MEDIA_TYPE
from core.teams.rules import forbidden
from web.accounts.models import User
from web.audit.middleware import impersonator_id
from web.impersonation.rules import is_for_the_person_alone, may_impersonate


class Impersonation:
    """Ends what is no longer permitted, and refuses what only the person themselves may do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Log out whoever has lost the right since they began."""
        staff_id = impersonator_id(request)
        if staff_id is not None:
            staff = User.objects.filter(pk=staff_id).first()
            user = request.user if isinstance(request.user, User) else None
            if staff is None or not may_impersonate(hijacker=staff, hijacked=user):
                logout(request)
                return redirect("account_login")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """Refuse it before the view runs."""
        if impersonator_id(request) is None or not is_for_the_person_alone(request):
            return None
        problem = forbidden("Only the person themselves may do this. You are working as somebody.")
        if request.path_info.startswith("/api/"):
            return JsonResponse(problem.document(), status=403, content_type=MEDIA_TYPE)
        return render(request, "problem.html", {"problem": problem}, status=problem.status)
