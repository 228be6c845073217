"""The application of the assistant."""

from django.apps import AppConfig


class AssistantConfig(AppConfig):
    """The tables, pages and admin of what the service streams."""

    name = "web.assistant"

    def ready(self) -> None:
        """Have the data of people hold what they said."""
        from web.accounts.export import MORE
        from web.assistant.export import conversations

        MORE["conversations"] = conversations
