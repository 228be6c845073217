"""Who may do what about a team's billing."""

from core.teams.roles import ADMIN, OWNER, action

VIEW_BILLING = action("view the billing", OWNER, ADMIN)
MANAGE_BILLING = action("manage the billing", OWNER, ADMIN)
