"""Yours: what the customers of your product can be told of; see `core/outgoing/catalogue.py`.

`web/product/events.py` and `service/product/events.py` say when it happens.
"""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from core.outgoing.catalogue import Event


class ProjectFacts(BaseModel):
    """What is told of a project."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[42])
    name: str = Field(examples=["Website"])
    description: str = Field(examples=["The new one,\nin two languages."])
    archived_at: datetime | None = Field(examples=[None])
    created_at: datetime = Field(examples=["2027-01-04T09:30:00Z"])
    updated_at: datetime = Field(examples=["2027-01-04T09:30:00Z"])


class ProjectCreated(Event, type="project.created", description="A project was made."):
    """A project was made."""

    project: ProjectFacts


class ProjectUpdated(
    Event, type="project.updated", description="A project was changed, or brought back."
):
    """A project was changed."""

    project: ProjectFacts


class ProjectArchived(Event, type="project.archived", description="A project was put aside."):
    """A project was put aside."""

    project: ProjectFacts
