"""The API and its operations; the OpenAPI page is `/api/v1/docs`."""

from ninja import NinjaAPI

from core.api.schemas import Me
from core.problems import ProblemDocument
from core.project import project
from web.accounts.models import User
from web.api.auth import ApiRequest, BearerAuth, BrowserAuth
from web.api.problems import register

api = NinjaAPI(
    title=project.name,
    description=project.description,
    version="1",
    urls_namespace="api",
    auth=[BearerAuth(), BrowserAuth()],
)
register(api)


@api.get(
    "/me",
    response={200: Me, 401: ProblemDocument},
    operation_id="get_me",
    summary="Who the caller is",
    tags=["accounts"],
)
def me(request: ApiRequest) -> User:
    """The user whom the session cookie or the bearer token stands for."""
    return request.auth
