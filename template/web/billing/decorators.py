"""Gates for pages.

    @team_permission(VIEW_REPORTS)
    @requires_feature("reports")
    def reports(request: TeamRequest) -> HttpResponse: ...

A page may also stand in `FEATURES` of `core/product/plans.py` by its name, and needs nothing else.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase

from core.billing.gates import require_feature
from web.billing.entitlements import entitlements_of
from web.teams.request import TeamRequest, View


def requires_feature(feature: str) -> Callable[[View], View]:
    """Let in teams whose plan has it; the others see which plans do. Below `team_permission`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require_feature(entitlements_of(request.team.pk), feature)
            return view(request, *args, **kwargs)

        return gated

    return decorate
