"""Every combination that changes code is generated, installed and passes its own checks.

With the interpreter that everybody has that is `just check`. With others, on the next Django, it is
all of it but the fault tests, and each stack with all that it can have.
"""

import shutil
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.counting import Record
from tests.hostile import HOSTILE
from tests.projects import interpreters, run
from tests.questions import CHANGES_CODE, combinations, fullest, label
from tests.template import commit_all, run_copier

DJANGO_LTS, DJANGO_NEXT = '"django>=5.2,<6"', '"django>=6.1,<6.2"'
OWN_PYTHONS, NEXT_PYTHONS = 'requires-python = ">=3.11"', 'requires-python = ">=3.12"'
OWN_PYTHON = ""


def variants() -> list[ParameterSet]:
    """Each with its interpreter; the hybrid ones have hostile names."""
    tried = [("own", OWN_PYTHON, answers) for answers in combinations(CHANGES_CODE)]
    for version, python in interpreters().items():
        tried += [(version, python, answers) for answers in fullest()]
    return [
        pytest.param(
            answers | (HOSTILE if answers["stack"] == "hybrid" else {}),
            python,
            id=f"{label(answers)}-{version}",
        )
        for version, python, answers in tried
    ]


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
    if python:
        # Which processes die when is no matter of the interpreter.
        ignore = [
            f"--ignore=tests/{test}.py" for test in ("billing/test_chaos", "outbox/test_faults")
        ]
        run(project, "uv", "run", "just", "lint", "types", "imports", "migrations", python=python)
        run(project, "uv", "run", "pytest", *ignore, python=python)
    else:
        run(project, "uv", "run", "just", "check")
    record_property("variants tested", 1)
    record_property("variants on other interpreters", int(bool(python)))
    shutil.rmtree(project)


def use_next_django(project: Path) -> None:
    """As a user does it: by editing the project's dependency, and the Python that it needs."""
    path = project / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    after = before.replace(DJANGO_LTS, DJANGO_NEXT)
    assert (before != after) == (project / "web").exists()
    if before != after:
        after = after.replace(OWN_PYTHONS, NEXT_PYTHONS)
    path.write_text(after, encoding="utf-8")
