"""The billing application."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class BillingConfig(AppConfig):
    """Connects what happens to teams with what they pay."""

    name = "web.billing"

    def ready(self) -> None:
        """Connect the receivers: ours, and those that hold your product to the plans."""
        from web.billing import signals  # noqa: F401

        autodiscover_modules("plan")
