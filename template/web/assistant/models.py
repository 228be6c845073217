"""What people talk about with the assistant. The service writes it; pages and staff look here.

Nobody but the person reads a conversation: ask `Conversation.objects.of(user)`. The ledger,
`Usage`, outlives what was said, so that deleting a conversation gives no tokens back.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.assistant.problems import already_answering
from core.assistant.status import Status
from core.assistant.sweep import sweep
from core.problems import not_found
from web.accounts.models import User
from web.queue import CurrentTransaction
from web.teams.scope import TeamOwned, TeamOwnedManager


class ConversationManager(TeamOwnedManager["Conversation"]):
    """The conversations of the present team, as their person sees them."""

    def of(self, user: User) -> models.QuerySet[Conversation]:
        """Somebody's own, the newest first."""
        return self.filter(user=user).order_by("-pk")

    def one(self, user: User, conversation_id: int) -> Conversation:
        """Their own one with this id; raises 404."""
        found = self.of(user).filter(pk=conversation_id).first()
        if found is None:
            raise not_found("conversation")
        return found


class Conversation(TeamOwned):
    """Questions and answers of one person in one team; nobody else reads them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, editable=False, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[ConversationManager] = ConversationManager()

    class Meta:
        # Your product may have conversations of its own.
        default_related_name = "assistant_conversations"
        indexes = (models.Index(fields=["team", "user", "id"], name="assistant_conversation_list"),)

    def __str__(self) -> str:
        return f"conversation {self.pk}"

    def delete_between_answers(self) -> None:
        """Delete it with all that was said, in a transaction; 409 while an answer is written.

        That one has to count for the team's limits until it has ended.
        """
        # The service takes this lock to begin an answer.
        Conversation.objects.select_for_update().filter(pk=self.pk).first()
        sweep(CurrentTransaction().execute, self.team_id)
        if self.messages.filter(status=Status.STREAMING).exists():
            raise already_answering()
        self.delete()


class Message(TeamOwned):
    """A question, or its answer, which is `streaming` until it has ended."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, related_name="messages"
    )
    role = models.CharField(max_length=16)
    content = models.TextField(blank=True)
    status = models.CharField(max_length=16)
    error = models.CharField(max_length=100, blank=True)
    model = models.CharField(max_length=200, blank=True)
    prompt_tokens = models.IntegerField(default=0)
    completion_tokens = models.IntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the process that writes it last said so, and whether it is asked to stop.
    seen_at = models.DateTimeField(null=True, blank=True)
    stop_asked = models.BooleanField(default=False)

    class Meta:
        default_related_name = "assistant_messages"
        indexes = (
            models.Index(fields=["conversation", "id"], name="assistant_message_list"),
            models.Index(
                fields=["team", "created_at"],
                condition=Q(status="streaming"),
                name="assistant_message_running",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(status="streaming"),
                name="assistant_message_one_answer",
            ),
        )

    def __str__(self) -> str:
        return f"message {self.pk}"


class Usage(TeamOwned):
    """The tokens of one answer, counted once: in the transaction that ends it."""

    # No reference: the message may be deleted.
    message_id = models.BigIntegerField(unique=True)
    tokens = models.IntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        default_related_name = "assistant_usage"
        verbose_name_plural = "usage"
        indexes = (
            # A month is added up from the index alone.
            models.Index(
                fields=["team", "created_at"], include=["tokens"], name="assistant_usage_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tokens} tokens"
