"""Demo data of the assistant: one conversation."""

from datetime import timedelta

from django.utils import timezone

from core.teams.context import team_scope
from web.accounts.models import User
from web.assistant.models import Conversation, Message
from web.teams.models import Team

TITLE = "A first project"
SAID = (
    ("user", "How do I add a project by API?"),
    (
        "assistant",
        """Make an **API key** of the team first, under “Team settings”. Then:

```sh
curl -X POST "$ORIGIN/api/v1/teams/$TEAM/projects" \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{"name": "Website"}'
```

The answer is the new project. `/api/v1/docs` has every other operation.""",
    ),
    ("user", "And what should be in it first?"),
    (
        "assistant",
        """Three things are enough:

1. who it is for, in one sentence
2. what is done when it is done
3. the one step that comes next""",
    ),
)


def add_demo_data(team: Team, owner: User) -> None:
    """Give the owner of the demo team something to read, unless they have asked already."""
    with team_scope(team.pk):
        if Conversation.objects.of(owner).exists():
            return
        began = timezone.now() - timedelta(days=1)
        conversation = Conversation.objects.create(
            user=owner, title=TITLE, created_at=began, updated_at=began
        )
        for role, content in SAID:
            Message.objects.create(
                conversation=conversation,
                role=role,
                content=content,
                status="complete",
                created_at=began,
                ended_at=began,
            )
