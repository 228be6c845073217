"""Outgoing webhooks: what happens in a team is told to addresses that the team names."""
