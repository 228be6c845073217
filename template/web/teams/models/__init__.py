"""Teams, their members, invitations and API keys. FastAPI has the same tables.

The rules are in `core.teams`. Every change locks the team's row first, so that what a rule counted
is still true when the change commits, and notes it in the audit log.
"""

from web.teams.models.api_key import ApiKey
from web.teams.models.invitation import Invitation
from web.teams.models.membership import Membership
from web.teams.models.team import Team

__all__ = ["ApiKey", "Invitation", "Membership", "Team"]
