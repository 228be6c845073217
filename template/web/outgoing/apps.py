"""The application of outgoing webhooks."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutgoingConfig(AppConfig):
    """Connects what happens with those who are told of it."""

    name = "web.outgoing"

    def ready(self) -> None:
        """Connect the receivers: ours, and those in `events.py` of your product."""
        from web.outgoing import signals  # noqa: F401

        autodiscover_modules("events")
