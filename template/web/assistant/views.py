"""The assistant's pages: what was said, and a box to ask in.

The page's script asks the service, and shows the answer while it is written; nothing of that passes
through here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.assistant.access import USE_ASSISTANT
from core.env import get_settings
from core.teams.rules import forbidden
from web.assistant.models import Conversation
from web.audit.middleware import impersonator_id
from web.refusals import refusals_shown
from web.teams.request import TeamRequest, team_permission

CHATS_PER_PAGE = 30
# What a page shows of a long conversation at first, and more of it each time it is asked to.
MESSAGES_AT_ONCE = 100
# Below it, development has its stand-ins for the outside world.
SANDBOX = "/dev/"


def for_the_person_alone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Keep out staff who work as the person: what was said is for that person's eyes."""

    @wraps(view)
    def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if impersonator_id(request) is not None:
            raise forbidden("Only the person themselves reads this. You are working as somebody.")
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@never_cache
@team_permission(USE_ASSISTANT)
@for_the_person_alone
def assistant(request: TeamRequest) -> HttpResponse:
    """A new conversation, and the list of one's own."""
    return render(request, "assistant/chat.html", page_context(request))


@require_safe
@never_cache
@team_permission(USE_ASSISTANT)
@for_the_person_alone
def conversation(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """One of one's own conversations, which goes on here."""
    found = Conversation.objects.one(request.user, conversation_id)
    more = request.GET.get("more", "")
    pages = 1 + (int(more) if more.isdecimal() and len(more) < 5 else 0)
    most = pages * MESSAGES_AT_ONCE
    newest = found.messages.order_by("-pk")[: most + 1]
    context = {
        "conversation": found,
        "said": list(newest)[:most][::-1],
        "more": pages if len(newest) > most else None,
    }
    return render(request, "assistant/chat.html", page_context(request) | context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@team_permission(USE_ASSISTANT)
@for_the_person_alone
def delete(request: TeamRequest, conversation_id: int) -> HttpResponse:
    """The question whether to delete a conversation, and the deletion."""
    found = Conversation.objects.one(request.user, conversation_id)
    if request.method != "POST":
        return render(request, "assistant/delete.html", {"conversation": found})
    with refusals_shown(request):
        found.delete_between_answers()
        messages.success(request, "The chat is deleted.")
        return redirect("assistant", request.team.pk)
    return redirect("assistant_conversation", request.team.pk, conversation_id)


def page_context(request: TeamRequest) -> dict[str, Any]:
    """The list of chats, and what the script has to know."""
    settings = get_settings()
    team_id = request.team.pk
    mine = Conversation.objects.of(request.user)
    return {
        "page": Paginator(mine, CHATS_PER_PAGE).get_page(request.GET.get("page")),
        "newest": mine.aggregate(id=Max("pk", default=0))["id"],
        "api": f"/assistant/teams/{team_id}/conversations",
        "pages": reverse("assistant", args=[team_id]),
        "is_set_up": bool(settings.assistant_url),
        "is_sandbox": urlsplit(settings.assistant_url).path.startswith(SANDBOX),
    }
