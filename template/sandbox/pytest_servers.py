"""Gives a test run servers of its own.

Loaded with `-p` before any conftest, so that the environment stands before settings are read.
"""

import contextlib
import os
from collections.abc import Iterator

import pytest

from sandbox.mailbox.thread import Mailbox
from sandbox.server import ServerStartError
from sandbox.testing import TestServers, servers_for_tests

SERVERS = pytest.StashKey[TestServers]()


# A wrapper runs before the plugins that import settings in this hook, as pytest-django does.
@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers; pytest ends them in its own clean-up, whatever happened."""
    stack = contextlib.ExitStack()
    early_config.add_cleanup(stack.close)
    try:
        servers = stack.enter_context(servers_for_tests())
    except ServerStartError as error:
        raise pytest.UsageError(str(error)) from None
    os.environ.update(servers.environment)
    early_config.stash[SERVERS] = servers
    yield


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> Mailbox:
    """The mails sent during this test."""
    mailbox = request.config.stash[SERVERS].mailbox
    mailbox.clear()
    return mailbox
