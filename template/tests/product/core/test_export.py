"""Yours: a spreadsheet shows what people typed, and runs none of it."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.product.export import COLUMNS, FORMULA, cell, projects_csv
from core.product.schemas import Project

MOMENT = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
# What a column of the database may hold.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def project(**fields: object) -> Project:
    """A project with these values."""
    values = {"id": 1, "name": "Website", "description": "", "created_by": "Ann", **fields}
    return Project.model_validate(
        {"archived_at": None, "created_at": MOMENT, "updated_at": MOMENT, **values}
    )


def read(content: bytes) -> list[dict[str, str]]:
    """The rows, as a spreadsheet sees them."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_project_is_a_row_with_names_above_it() -> None:
    (row,) = read(projects_csv([project(name='A "big", one', archived_at=MOMENT)]))
    assert tuple(row) == COLUMNS
    assert (row["id"], row["name"], row["created_by"]) == ("1", 'A "big", one', "Ann")
    assert row["archived_at"] == row["created_at"] == "2026-11-26T12:30:00Z"


@given(st.lists(st.tuples(texts, texts, st.none() | texts)))
def test_every_text_is_read_back_as_it_was(rows: list[tuple[str, str, str | None]]) -> None:
    projects = [project(name=name, description=text, created_by=who) for name, text, who in rows]
    found = read(projects_csv(projects))
    assert [(row["name"], row["description"], row["created_by"]) for row in found] == [
        (cell(name), cell(text), cell(who)) for name, text, who in rows
    ]


@given(st.sampled_from(FORMULA) | st.just(""), texts)
def test_no_cell_is_a_formula_and_nothing_is_lost(first: str, rest: str) -> None:
    text = first + rest
    shown = cell(text)
    assert not shown.startswith(FORMULA)
    # Nothing but the apostrophe is added, and lines end in one way.
    kept = shown.removeprefix("'") if text.startswith(FORMULA) else shown
    assert kept.replace("\r\n", "\n") == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    (row,) = read(projects_csv([project(name=text)]))
    assert row["name"] == f"'{text}".replace("\r", "\n").replace("\n", "\r\n")


def test_a_mail_carries_the_lines_as_they_are() -> None:
    content = projects_csv([project(description="one\ntwo\rthree\r\nfour")])
    assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")
