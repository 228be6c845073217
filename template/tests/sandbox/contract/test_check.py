"""`just contract`, in a repository of git as a person has it."""

import copy
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.contract.__main__ import main
from sandbox.contract.announced import FILE
from sandbox.contract.base import find_base
from sandbox.contract.check import Findings, check
from sandbox.contract.text import written
from tests.sandbox.contract.test_missing import COMPLETE, operation

Json = dict[str, Any]
NAME = "openapi.json"
BROKEN = "- change_thing: it is called alter_thing now"


def renamed() -> Json:
    """The API after a change that breaks it."""
    document = copy.deepcopy(COMPLETE)
    operation(document)["operationId"] = "alter_thing"
    return document


def git(*arguments: str) -> None:
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", *who, *arguments], check=True, capture_output=True)


def commit(document: Json, **files: str) -> None:
    """Commit the document and files."""
    Path(NAME).write_text(written(document), "utf-8")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message=x")


def look(document: Json, wanted: str = "") -> Findings:
    """What the check says about the API as it is now."""
    return check({NAME: document}, find_base(wanted))


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=main")


def announce(line: str) -> None:
    Path("docs").mkdir(exist_ok=True)
    with Path(FILE).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def test_the_first_document_is_written_and_said_to_be_new() -> None:
    found = look(COMPLETE)
    assert found.problems == []
    assert found.notes[-1].startswith(f"{NAME} is new. Commit it")
    assert json.loads(Path(NAME).read_text("utf-8")) == COMPLETE


def test_the_first_document_has_to_be_committed_where_it_is_not_written() -> None:
    git("commit", "--quiet", "--allow-empty", "--message=x")
    found = check({NAME: COMPLETE}, find_base(), writes=False)
    (problem,) = found.problems
    assert problem.startswith(f"{NAME} was never committed")
    assert "uv run just openapi" in problem
    assert not Path(NAME).exists()
    commit(COMPLETE)
    assert check({NAME: COMPLETE}, find_base(), writes=False).problems == []


def test_ci_writes_no_first_document(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = {NAME: COMPLETE}
    monkeypatch.setattr("sandbox.contract.documents.documents", lambda: documents)
    for name, status in (("true", 1), ("", 0)):
        monkeypatch.setattr(os, "environ", {**os.environ, "CI": name})
        assert main(["check"]) == status
        assert Path(NAME).exists() == (status == 0)


def test_a_stale_document_fails_until_it_is_written() -> None:
    commit(COMPLETE)
    assert look(COMPLETE).problems == []
    document = copy.deepcopy(COMPLETE)
    document["info"]["title"] = "Theirs"
    (problem,) = look(document).problems
    assert "uv run just openapi" in problem
    Path(NAME).write_text(written(document), "utf-8")
    assert look(document).problems == []


def test_a_document_that_was_removed_is_not_made_anew() -> None:
    commit(COMPLETE)
    Path(NAME).unlink()
    (problem,) = look(COMPLETE).problems
    assert problem.startswith(f"{NAME} is gone")
    assert not Path(NAME).exists()


def test_what_an_operation_does_not_say_fails() -> None:
    document = copy.deepcopy(COMPLETE)
    del operation(document)["summary"]
    assert look(document).problems == [f"{NAME}: change_thing: it has no summary"]


def on_main(document: Json) -> None:
    """The change is not committed."""
    commit(COMPLETE)
    Path(NAME).write_text(written(document), "utf-8")


def on_main_committed(document: Json) -> None:
    """The change is the last commit."""
    commit(COMPLETE)
    commit(document)


def on_a_branch(document: Json) -> None:
    """The change is some commits back, and main went on."""
    commit(COMPLETE)
    git("checkout", "--quiet", "-b", "feature")
    commit(document)
    Path("more").touch()
    commit(document)


def not_pushed(document: Json) -> None:
    """The change is on main, and not where everybody sees it."""
    commit(COMPLETE)
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    commit(document)
    Path("more").touch()
    commit(document)


@pytest.mark.parametrize("change", [on_main, on_main_committed, on_a_branch, not_pushed])
def test_a_broken_promise_fails_until_it_is_announced(change: Callable[[Json], None]) -> None:
    change(renamed())
    (problem,) = look(renamed()).problems
    assert BROKEN in problem.splitlines()
    announce(BROKEN)
    found = look(renamed())
    assert found.problems == []
    assert any("alter_thing" in note for note in found.notes)


def test_what_was_announced_for_an_earlier_change_counts_no_more() -> None:
    announce(BROKEN)
    commit(COMPLETE)
    Path(NAME).write_text(written(renamed()), "utf-8")
    assert look(renamed()).problems
    announce(BROKEN)
    assert look(renamed()).problems == []


def test_it_compares_with_the_commit_that_is_named() -> None:
    commit(COMPLETE)
    commit(renamed())
    Path("more").touch()
    commit(renamed())
    assert look(renamed()).problems == []
    assert look(renamed(), "HEAD~2").problems
