"""The teams application."""

from django.apps import AppConfig


class TeamsConfig(AppConfig):
    """Gives every new user a personal team."""

    name = "web.teams"

    def ready(self) -> None:
        """Connect the receivers."""
        from web.teams import signals  # noqa: F401
