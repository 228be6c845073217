"""What a page does with a change that the rules refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from core.problems import Problem


@contextmanager
def refusals_shown(request: HttpRequest) -> Iterator[None]:
    """Undo what is refused here, and say why on the page that comes next.

    Whoever may not know about a thing gets 404 as ever.
    """
    try:
        with transaction.atomic():
            yield
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND:
            raise
        messages.error(request, problem.sentence)
