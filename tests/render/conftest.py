"""Copier in this process, without the work that it repeats for each project.

Copier compiles every path and file again for each project and asks git about each file it writes.
Rendering hundreds of projects shares the compiled templates instead. This leans on Copier's
insides, so its version is pinned in pyproject.toml; tests/frontends runs Copier as it ships.
"""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import copier
import jinja2
import pytest
from copier._main import Worker

from tests.questions import combinations, label


class Render(Protocol):
    def __call__(self, folder: Path, **answers: str) -> Path:
        """Generate a project in `folder`; ValueError when a validator refuses an answer."""


@pytest.fixture(scope="session")
def render(template: Path) -> Iterator[Render]:
    own_environment = vars(Worker)["jinja_env"].func

    @functools.cache
    def shared_environment() -> jinja2.Environment:
        worker = Worker(src_path=str(template))
        environment: Any = own_environment(worker)
        environment.from_string = functools.cache(environment.from_string)
        return environment  # type: ignore[no-any-return]

    def render(folder: Path, **answers: str) -> Path:
        copier.run_copy(str(template), folder, data=answers, defaults=True, quiet=True)
        return folder

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worker, "jinja_env", property(lambda _: shared_environment()))
        patch.setattr(Worker, "_sync_git_index_executable_bit", lambda *_, **__: None)
        yield render


@pytest.fixture(scope="session")
def trees(render: Render, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every combination of the choice questions, rendered, by its label."""
    folder = tmp_path_factory.mktemp("trees")
    return {
        label(answers): render(folder / label(answers), **answers) for answers in combinations()
    }
