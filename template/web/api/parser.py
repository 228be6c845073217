"""Reads bodies: JSON that says so, and nothing else."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from core.problems import invalid


class StrictParser(Parser):
    """Ninja's parser, which says what is wrong with a body."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body; raises 422 when it is no JSON. Ninja wraps what is raised here."""
        if request.content_type != "application/json":
            raise invalid([("header/Content-Type", "Send the body as application/json.")])
        try:
            return json.loads(request.body)
        except (ValueError, RecursionError):
            raise invalid([("#", "This is not JSON.")]) from None
