"""Rows that nobody changes by hand, and with which staff do something all the same."""

from collections.abc import Collection
from typing import ClassVar

from starlette.requests import Request

from service.admin.queue import ReadOnlyView


class ActingView(ReadOnlyView):
    """What is in `for_staff`, besides in `actions` and `row_actions`, all staff may do."""

    for_staff: ClassVar[Collection[str]] = ()

    async def is_action_allowed(self, request: Request, name: str) -> bool:
        """Not for superusers alone."""
        return name in self.for_staff or await super().is_action_allowed(request, name)

    async def is_row_action_allowed(self, request: Request, name: str) -> bool:
        """As `is_action_allowed`."""
        return name in self.for_staff or await super().is_row_action_allowed(request, name)
