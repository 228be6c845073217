"""The operations on teams, one file for each kind of thing."""

from web.api.routes import Routes
from web.teams.api import api_keys, invitations, members, received, teams

router = Routes()
for resource in (received, teams, members, invitations, api_keys):
    router.add_router("", resource.router)

__all__ = ["router"]
