"""The sandbox's model, and a provider that leads there."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from core.env import get_settings
from sandbox.llm.thread import RunningLlm, llm_in_thread
from service.assistant.provider import Provider, open_provider


@pytest.fixture
def llm(environment: Callable[..., None]) -> Iterator[RunningLlm]:
    """A model of its own, which the settings name."""
    with llm_in_thread() as llm:
        environment(**llm.environment)
        yield llm


@pytest.fixture
async def provider(llm: RunningLlm) -> AsyncIterator[Provider]:
    async with open_provider(get_settings()) as provider:
        yield provider
