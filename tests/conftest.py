from pathlib import Path

import pytest

from tests.counting import Counting
from tests.template import copy_template, make_repository


def pytest_configure(config: pytest.Config) -> None:
    # A worker of pytest-xdist hands its reports to the process that started it.
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Counting())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the template without git: the fastest source to render from."""
    return copy_template(tmp_path_factory.mktemp("template") / "template")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the template, clean, with the tag v1.0.0."""
    return make_repository(tmp_path_factory.mktemp("repository") / "boring-saas")
