"""What the admin does with a change that the rules refuse."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin

from core.problems import Problem


class RefusableAdmin(ModelAdmin):
    """Undoes what the rules refuse, and says why on the page that was open."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add or change a row."""
        try:
            response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except Problem as problem:
            return refused(request, problem)
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a row."""
        try:
            response: HttpResponse = super().delete_view(request, *args, **kwargs)
        except Problem as problem:
            return refused(request, problem)
        return response

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """List rows, and do something with all of those that are chosen, or with none."""
        try:
            with transaction.atomic():
                response: HttpResponse = super().changelist_view(request, *args, **kwargs)
        except Problem as problem:
            return refused(request, problem)
        return response


def refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The same page again, with the reason."""
    messages.error(request, problem.sentence)
    return HttpResponseRedirect(request.get_full_path())
