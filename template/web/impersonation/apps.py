"""The application of impersonation."""

from django.apps import AppConfig


class ImpersonationConfig(AppConfig):
    """Notes in the audit log when somebody begins and ends."""

    name = "web.impersonation"

    def ready(self) -> None:
        """Connect the receivers."""
        from web.impersonation import signals  # noqa: F401
