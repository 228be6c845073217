"""The operations on teams, one file for each kind of thing."""

from service.api.routes import Routes
from service.teams.routes import api_keys, invitations, members, received, teams

router = Routes()
for part in (received, teams, members, invitations, api_keys):
    router.include_router(part.router)
