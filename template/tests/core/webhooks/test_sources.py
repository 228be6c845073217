"""A source that nobody could tell from another, or store, is refused when it is declared."""

import pytest

from core.webhooks.github import github_style
from core.webhooks.sources import by_name


@pytest.mark.parametrize("name", ["", "Hub", "a/b", "a=b", "hub\n", "h" * 33])
def test_a_name_that_the_address_or_the_ledger_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a source"):
        github_style(name, lambda execute, event: None)


def test_two_of_the_same_name_are_refused() -> None:
    hub = github_style("hub", lambda execute, event: None)
    with pytest.raises(ValueError, match="the same name"):
        by_name(hub, hub)
    assert by_name(hub) == {"hub": hub}
