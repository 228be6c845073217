"""Yours: what goes in and out of your product's part of `/api/v1`, whichever framework serves it.

Django's forms check by the same classes, so a page accepts what the API accepts.
"""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints

from core.api.schemas import VISIBLE, Answer, Body, Id, PageQuery, Title

LINE_END = re.compile(r"\r\n?")
# As `VISIBLE`, but for line breaks and tabs.
LINES = r"^[^\x00-\x08\x0b-\x1f\x7f\u2028-\u202e\u2066-\u2069]*$"


def unix_lines(text: object) -> object:
    """Browsers end the lines of a form with CR and LF; everything else with LF."""
    return LINE_END.sub("\n", text) if isinstance(text, str) else text


Name = Annotated[Title, Field(examples=["Website"])]
Description = Annotated[
    str,
    BeforeValidator(unix_lines),
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=LINES),
    Field(examples=["The new one,\nin two languages."], description="May have several lines."),
]
Search = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=100, pattern=VISIBLE),
    Field(
        examples=["website"],
        description="Part of the name or of the description; case makes no difference.",
    ),
]


class Project(Answer):
    """Something that a team works on."""

    id: Id
    name: str = Field(examples=["Website"])
    description: str = Field(examples=["The new one,\nin two languages."])
    created_by: str | None = Field(
        description="Who made it; null for an API key, or when the account is gone.",
        examples=["Ann"],
    )
    archived_at: datetime | None = Field(
        description="Null while it is not archived.", examples=[None]
    )
    created_at: datetime
    updated_at: datetime


class ProjectQuery(PageQuery):
    """Which projects to list."""

    search: Search = ""
    archived: bool = Field(default=False, description="List the archived ones instead.")


class NewProject(Body):
    """A project to make."""

    name: Name
    description: Description = ""


class ProjectChange(Body):
    """What to change about a project; what is absent or null stays as it is."""

    name: Name | None = None
    description: Description | None = None
