"""What every page shows of the assistant: the way to it."""

from typing import Any

from django.http import HttpRequest


def assistant(request: HttpRequest) -> dict[str, Any]:
    """A link for `base.html`: its label, and the name of a page of a team."""
    return {"team_links": [("Assistant", "assistant")]}
