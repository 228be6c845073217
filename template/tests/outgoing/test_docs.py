"""What the documentation says about webhooks is so."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from core.outgoing import client, deliver, endpoints, sweep
from core.outgoing.endpoints import new_secret
from core.outgoing.sign import signed_headers

TEXT = Path("docs/webhooks.md").read_text("utf-8")
BODY = b'{"type": "webhook.test"}'


@pytest.fixture
def is_ours() -> Any:
    """The function that customers copy."""
    (code,) = re.findall(r"```python\n(import.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  it is ours
    return names["is_ours"]


def test_what_customers_copy_believes_us_and_nobody_else(is_ours: Any) -> None:
    secret, former = new_secret(), new_secret()
    now = int(time.time())
    headers = signed_headers([secret, former], "msg_1", now, BODY)
    assert is_ours(secret, headers, BODY)
    assert is_ours(former, headers, BODY)
    assert not is_ours(new_secret(), headers, BODY)
    assert not is_ours(secret, headers, BODY + b" ")
    assert not is_ours(secret, {**headers, "webhook-id": "msg_2"}, BODY)
    assert not is_ours(secret, {**headers, "webhook-signature": "v1,é"}, BODY)
    assert not is_ours(secret, signed_headers([secret], "msg_1", now - 301, BODY), BODY)


def test_the_numbers_are_those_of_the_code() -> None:
    hours = {5: "5 s", 300: "5 min", 1800: "30 min", 7200: "2 h", 14400: "4 h", 28800: "8 h"}
    waits = [hours.get(seconds, f"{seconds // 3600} h") for seconds in deliver.SCHEDULE]
    assert f"at once, then after {', '.join(waits[:-1])} and {waits[-1]}" in TEXT
    for words in (
        f"| attempts | {deliver.MOST_ATTEMPTS}, over at least 24 hours",
        f"| {client.TOTAL:.0f} seconds for all of it, {client.CONNECT:.0f} of them to connect",
        f"of the answer {client.MOST_BODY // 1024} KB are read",
        f"| endpoints of a team | {endpoints.MOST_ENDPOINTS} |",
        f"| {deliver.AT_ONCE} to one endpoint, {deliver.AT_ONCE_FAILING} to one that fails",
        f"{deliver.AT_ONCE_IN_TEAM} for a team",
        f"is told nothing until then, but at most for {deliver.LONGEST_GAP // 3600} hours",
        f"for {sweep.KEPT.days} days",
        f"| fails {deliver.GIVE_UP_AFTER.days} days after it was made, or asked for again",
        f"| after {deliver.DEAD_AFTER.days} days in which nothing was delivered",
        f"both sign for {endpoints.ROTATION.total_seconds() // 3600:.0f} hours",
    ):
        assert words in TEXT
