"""Makes the world of these tests."""

from collections.abc import Callable

import pytest

from tests.service.authorization.world import Database, Maker


@pytest.fixture
def maker(
    database: Database,
    make_user: Callable[..., int],
    make_team: Callable[..., int],
    make_token: Callable[..., str],
    make_key: Callable[..., str],
) -> Maker:
    return Maker(database, make_user, make_team, make_token, make_key)
