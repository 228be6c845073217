"""The events of the template; yours are in `core/product/events.py`.

Import `EVENTS` from here, where all of them are known.
"""

from pydantic import BaseModel, Field

from core.outgoing.catalogue import EVENTS, Event

__all__ = ["EVENTS", "MemberAdded", "MemberFacts", "MemberRemoved", "TestEvent"]


class MemberFacts(BaseModel):
    """Somebody in a team; the API says who that is."""

    user_id: int = Field(examples=[7])
    role: str = Field(examples=["member"])


class MemberAdded(Event, type="member.added", description="Somebody joined the team."):
    """Somebody joined."""

    member: MemberFacts


class MemberRemoved(
    Event, type="member.removed", description="Somebody left the team, or was removed from it."
):
    """Somebody is gone."""

    member: MemberFacts


class TestEvent(
    Event,
    type="webhook.test",
    description="Somebody asked for a test of an endpoint.",
):
    """Nothing happened: an endpoint is tried out."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    message: str = Field(examples=["This is a test."])


# The events of the product register themselves.
import core.product.events  # noqa: E402, F401
