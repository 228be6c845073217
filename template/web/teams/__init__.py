"""Teams, their members, invitations and API keys."""
