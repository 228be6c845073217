"""Yours: what a project may be called, and what nobody can write."""

import pytest
from pydantic import ValidationError

from core.product.schemas import NewProject, ProjectChange


def test_a_name_is_trimmed_and_a_description_keeps_its_lines() -> None:
    project = NewProject(name="  Website ", description="one\r\ntwo\rthree\n\n\tfour  ")
    assert project.name == "Website"
    assert project.description == "one\ntwo\nthree\n\n\tfour"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines", "\x00", "\u202eesrever"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NewProject(name=name)
    with pytest.raises(ValidationError):
        ProjectChange(name=name)


@pytest.mark.parametrize("description", ["x" * 2001, "\x00", "\x1b[31m", "\u202eesrever"])
def test_what_is_no_description_is_refused(description: str) -> None:
    with pytest.raises(ValidationError):
        NewProject(name="Website", description=description)


def test_lines_are_counted_once_however_they_end() -> None:
    assert len(NewProject(name="Website", description="\r\n".join("x" * 1000)).description) == 1999


@pytest.mark.parametrize("field", ["id", "team_id", "created_by", "archived_at"])
def test_nobody_writes_what_is_not_offered(field: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        NewProject.model_validate({"name": "Website", field: 1})
    with pytest.raises(ValidationError, match="Extra inputs"):
        ProjectChange.model_validate({field: 1})
