"""The accounts application."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Listens to what allauth reports once Django is ready."""

    name = "web.accounts"

    def ready(self) -> None:
        """Connect the receivers."""
        from web.accounts import history, signals  # noqa: F401
