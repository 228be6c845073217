"""Who may do what about a team's billing, and how often."""

from core.api.limits import Budget
from core.teams.roles import ADMIN, OWNER, action

VIEW_BILLING = action("view the billing", OWNER, ADMIN)
MANAGE_BILLING = action("manage the billing", OWNER, ADMIN)
# Checkouts that a team starts: each asks Stripe several times, and Stripe counts for all teams.
CHECKOUTS = Budget("checkouts", amount=60, seconds=3600)
