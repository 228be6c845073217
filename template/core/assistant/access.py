"""Who may ask the assistant. Programs may not: a conversation belongs to a person."""

from core.teams.roles import ADMIN, MEMBER, OWNER, action

USE_ASSISTANT = action("use the assistant", OWNER, ADMIN, MEMBER)
