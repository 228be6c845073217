"""Yours: who may do what in your product, by role and by scope; see `core/teams/roles.py`."""

from core.teams.roles import ADMIN, MEMBER, OWNER, READ, WRITE, action

# fmt: off
#                                                 people                API keys
VIEW_PROJECTS   = action("view projects",         OWNER, ADMIN, MEMBER, READ)
EDIT_PROJECTS   = action("change projects",       OWNER, ADMIN, MEMBER, WRITE)
EXPORT_PROJECTS = action("export projects",       OWNER, ADMIN, MEMBER)
# fmt: on
