"""A team and the people around it."""

from tests.web.teams.conftest import admin, member, outsider, owner, team

__all__ = ["admin", "member", "outsider", "owner", "team"]
