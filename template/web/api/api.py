"""The API; its page is `/api/v1/docs`, and each feature has its operations in `api.py`."""

from typing import Any

from django.conf import settings
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from core.api.openapi import complete
from core.project import project
from web.accounts.api import router as accounts
from web.api.auth import known_caller
from web.api.parser import StrictParser
from web.api.problems import register
from web.audit.api import router as audit
from web.product.api import router as product
from web.teams.api import router as teams

SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A person's token, or an API key of a team.",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The session of a browser; changes need the CSRF token too.",
    },
}


class Api(NinjaAPI):
    """Ninja's API, whose OpenAPI document says what the table of operations knows."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        document = super().get_openapi_schema(**options)
        document["components"]["securitySchemes"] = SCHEMES
        complete(document)
        return document


api = Api(
    title=project.name,
    description=project.description,
    version="1",
    urls_namespace="api",
    auth=known_caller,
    parser=StrictParser(),
)
register(api)
for router in (accounts, teams, audit, product):
    api.add_router("", router)
