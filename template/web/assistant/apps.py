"""The application of the assistant."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The tables, pages and admin of what the service streams."""

    name = "web.assistant"
