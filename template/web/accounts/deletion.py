"""Deleting an account, and with it all that belongs to nobody else."""

from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.db import transaction

from core.audit import AuditAction
from core.problems import Problem
from core.tasks import SendMail
from core.teams.rules import check_account_may_go
from web.accounts.history import note
from web.accounts.links import absolute
from web.accounts.models import User
from web.queue import enqueue
from web.teams.accounts import teams_of_account


def what_stands_in_the_way(user: User) -> Problem | None:
    """Why the account cannot go: it would leave a team with other members without an owner."""
    try:
        check_account_may_go(teams_of_account(user))
    except Problem as problem:
        return problem
    return None


@transaction.atomic
def delete_account(user: User) -> None:
    """Delete the user, their sessions, and the teams in which they are alone; tell them by mail.

    What becomes of teams is settled by `web.teams` when a user is deleted, wherever that happens.
    Raises 409, and changes nothing, when a team with other members would lose its only owner.
    """
    note(user, AuditAction.ACCOUNT_DELETED)
    context = {"url": absolute("account_signup")}
    enqueue(SendMail(template="account_deleted", to=user.email, context=context))
    get_adapter().end_sessions(UserSession.objects.filter(user=user))
    user.delete()
