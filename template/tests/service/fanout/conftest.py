"""The sandbox's sources, and upstreams that lead there."""

from collections.abc import AsyncIterator, Iterator

import pytest

from sandbox.sources.thread import RunningSources, sources_in_thread
from service.fanout import Upstreams, open_upstreams


@pytest.fixture
def sources() -> Iterator[RunningSources]:
    with sources_in_thread() as sources:
        yield sources


@pytest.fixture
async def upstreams(sources: RunningSources) -> AsyncIterator[Upstreams]:
    async with open_upstreams(sources.addresses) as upstreams:
        yield upstreams
