"""The least: django-ninja, and the same question to the database."""

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI
from ninja.security import HttpBearer

application = get_wsgi_application()

from django.utils import timezone  # noqa: E402

from core.api.schemas import Me  # noqa: E402
from core.tokens import digest  # noqa: E402
from web.accounts.models import AccessToken  # noqa: E402


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> object:
        found = AccessToken.objects.select_related("user").filter(
            digest=digest(token), expires_at__gt=timezone.now(), user__is_active=True
        )
        return found.first()


api = NinjaAPI(auth=Bearer(), docs_url=None)


@api.get("/me", response=Me)
def me(request: HttpRequest) -> object:
    return request.auth.user  # type: ignore[attr-defined]


urlpatterns = [path("", api.urls)]
