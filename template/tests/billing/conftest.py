"""One world for all tests of this folder; each finds nobody in it, and everything running."""

from collections.abc import Iterator

import pytest

from tests.billing import world
from tests.billing.world import World


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Servers, and the product's processes."""
    with world.world(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def empty(running: World) -> World:
    """The world with nobody in it."""
    running.start_all()
    running.empty()
    return running
