"""What a page does with a change that the rules refuse."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http import HTTPStatus

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest

from core.problems import Problem


def refusals_shown(request: HttpRequest) -> AbstractContextManager[None]:
    """Undo what is refused here, and say why on the page that comes next."""
    return refusals(lambda problem: messages.error(request, problem.sentence))


def refusals_at_fields(form: Form) -> AbstractContextManager[None]:
    """Undo what is refused here, and say why at the fields of the form that asked for it."""
    return refusals(partial(say_at_fields, form))


@contextmanager
def refusals(tell: Callable[[Problem], None]) -> Iterator[None]:
    """Undo what is refused here, and tell why.

    Whoever may not know about a thing gets 404 as ever, and what larger plans have is said on a
    page that leads to them.
    """
    try:
        with transaction.atomic():
            yield
    except Problem as problem:
        if problem.status == HTTPStatus.NOT_FOUND or problem.extra.get("plans"):
            raise
        tell(problem)


def say_at_fields(form: Form, problem: Problem) -> None:
    """Say what is wrong where it was filled in."""
    for error in problem.extra.get("errors", ()):
        # A JSON pointer into what the API would have been sent.
        field = error["pointer"].removeprefix("#/").partition("/")[0]
        form.add_error(field if field in form.fields else None, error["detail"])
    if not form.errors:
        form.add_error(None, problem.sentence)
