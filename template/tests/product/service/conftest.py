"""Yours: what your tests of the service share. The fixtures are those of its own tests."""

from tests.service.conftest import (
    _clean,
    anyio_backend,
    app,
    client,
    database,
    environment,
    make_key,
    make_team,
    make_token,
    make_user,
)

__all__ = [
    "_clean",
    "anyio_backend",
    "app",
    "client",
    "database",
    "environment",
    "make_key",
    "make_team",
    "make_token",
    "make_user",
]
