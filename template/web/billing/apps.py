"""The billing application."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Connects what happens to teams with what they pay."""

    name = "web.billing"
