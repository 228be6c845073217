"""Every combination that changes code is generated, installed and passes its own checks.

With the interpreter that everybody has, all of them; once more, on the next Django, the widest, by
the other interpreters in turn. Some tests take long and are run in few variants: see `FAULTS`
and `STARTS`.
"""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.counting import Record
from tests.hostile import HOSTILE
from tests.projects import interpreters, run
from tests.questions import CHANGES_CODE, CHOICES, combinations, fullest, label, widest
from tests.template import commit_all, run_copier
from tests.variants import workplaces

DJANGO_LTS, DJANGO_NEXT = '"django>=5.2,<6"', '"django>=6.1,<6.2"'
OWN_PYTHONS, NEXT_PYTHONS = 'requires-python = ">=3.11"', 'requires-python = ">=3.12"'
OWN_PYTHON = ""
# Products are killed in these, so they take long: they are part of the fullest variants with the
# interpreter that everybody has. When which process dies is no matter of the interpreter, and the
# outbox, its workers and billing are the same code whatever else is left out.
FAULTS = (
    "billing/test_chaos.py",
    "billing/test_life.py",
    "outbox/test_faults.py",
    "outbox/test_workers.py",
)
# So is what starts and ends them in development, but the interpreter matters to it.
STARTS = ("sandbox/test_dev.py", "sandbox/test_servers.py")


def variants() -> list[ParameterSet]:
    """Each with its interpreter; the hybrid ones have hostile names.

    Those of a stack follow each other, and the longest come first.
    """
    tried = [("own", OWN_PYTHON, answers) for answers in combinations(CHANGES_CODE)]
    others = cycle(interpreters().items())
    tried += [
        (version, python, answers)
        for answers, (version, python) in zip(widest(), others, strict=False)
    ]
    tried.sort(key=lambda each: CHOICES["stack"].index(each[2]["stack"]), reverse=True)
    return [
        pytest.param(
            answers | (HOSTILE if answers["stack"] == "hybrid" else {}),
            python,
            f"{answers['stack']}-{version}",
            not python and answers in fullest(),
            id=f"{label(answers)}-{version}",
        )
        for version, python, answers in tried
    ]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Path]:
    """A folder that all workers of pytest-xdist see."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "workplaces"
    folder.mkdir(exist_ok=True)
    yield folder
    workplaces.clear(folder)


@pytest.mark.parametrize(("answers", "python", "kind", "complete"), variants())
def test_variant(
    answers: dict[str, str],
    python: str,
    kind: str,
    *,
    complete: bool,
    repository: Path,
    shared: Path,
    record_property: Record,
) -> None:
    with workplaces.workplace(shared, kind) as project:
        run_copier(repository, project, answers=answers)
        if python:
            use_next_django(project)
        commit_all(project)
        left_out = () if complete else FAULTS if python else FAULTS + STARTS
        options = " ".join(f"--ignore=tests/{name}" for name in left_out)
        run(project, "uv", "run", "just", "check", python=python, PYTEST_ADDOPTS=options)
    record_property("variants tested", 1)
    record_property("variants on other interpreters", int(bool(python)))
    record_property("variants tested with their fault tests", int(complete))


def use_next_django(project: Path) -> None:
    """As a user does it: by editing the project's dependency, and the Python that it needs."""
    path = project / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    after = before.replace(DJANGO_LTS, DJANGO_NEXT)
    assert (before != after) == (project / "web").exists()
    if before != after:
        after = after.replace(OWN_PYTHONS, NEXT_PYTHONS)
    path.write_text(after, encoding="utf-8")
