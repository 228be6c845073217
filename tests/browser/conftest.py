from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.boot.running import Running, free_port, running
from tests.browser.chromium import NoChromiumError, find_chromium
from tests.template import commit_all, run_copier


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium without a window."""
    try:
        path = find_chromium()
    except NoChromiumError as error:
        pytest.exit(str(error), returncode=1)
    with sync_playwright() as playwright:
        # Chromium's own sandbox needs rights that root in a container does not have.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def running_of(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Running]]:
    """A fresh project of a stack, which runs until the session ends."""
    folder = tmp_path_factory.mktemp("browser")
    projects: dict[str, Running] = {}
    with ExitStack() as stack_of_projects:

        def start(stack: str) -> Running:
            if stack not in projects:
                project = folder / stack
                run_copier(repository, project, answers={"stack": stack})
                commit_all(project)
                started = stack_of_projects.enter_context(running(project, free_port()))
                stack_of_projects.callback(started.press_ctrl_c)
                projects[stack] = started
            return projects[stack]

        yield start


@pytest.fixture(scope="session")
def origin_of(running_of: Callable[[str], Running]) -> Callable[[str], str]:
    """The address of a fresh project of a stack."""
    return lambda stack: running_of(stack).origin
