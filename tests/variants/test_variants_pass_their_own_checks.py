"""Every combination that changes code is generated, installed and passes its own `just check`."""

import itertools
import shutil
from pathlib import Path

import pytest

from tests.counting import Record
from tests.projects import interpreters, run
from tests.questions import CHANGES_CODE, combinations, label
from tests.template import commit_all, run_copier

DJANGO_LTS, DJANGO_NEXT = '"django>=5.2,<6"', '"django>=6.1,<6.2"'
# Legal, and whatever cannot stand it breaks: quotes, markup, template syntax, other scripts.
HOSTILE = {
    "project_name": '</title><script>alert("x")</script> {{ 7*7 }} Zoë\'s \\ \U0001f600',
    "project_slug": "django",
    "description": "- colon: hash # `tick` $(id) {% raw %} %s \"quoted\" '''",
    "author_name": "日本語 {x} [y] | * שלום",
}
OWN_PYTHON = ""


def variants() -> list[object]:
    """One for each combination of code and interpreter; the first stack has hostile names too."""
    answers = combinations(CHANGES_CODE)
    pythons = {"own": OWN_PYTHON, **interpreters()}
    every = [
        pytest.param(each, python, id=f"{label(each)}-{version}")
        for (version, python), each in itertools.product(pythons.items(), answers)
    ]
    hostile = [
        pytest.param({**each, **HOSTILE}, OWN_PYTHON, id=f"{label(each)}-hostile")
        for each in answers
        if each["stack"] == "hybrid"
    ]
    return every + hostile


@pytest.mark.parametrize(("answers", "python"), variants())
def test_variant(
    answers: dict[str, str],
    python: str,
    repository: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    project = tmp_path / "project"
    run_copier(repository, project, answers=answers)
    if python:
        use_next_django(project)
    commit_all(project)
    run(project, "uv", "run", "just", "check", python=python)
    record_property("variants tested", 1)
    record_property("variants on other interpreters", int(bool(python)))
    shutil.rmtree(project)


def use_next_django(project: Path) -> None:
    """As a user does it: by editing the project's dependency."""
    path = project / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    after = before.replace(DJANGO_LTS, DJANGO_NEXT)
    assert (before != after) == (project / "web").exists()
    path.write_text(after, encoding="utf-8")
