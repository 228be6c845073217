"""Logs are one JSON object a line, and a stranger cannot write into them."""

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs import REQUEST_ID, bind_request_id, clear_request_id, current_request_id


@settings(deadline=None)
@given(st.text(max_size=100))
def test_only_a_well_formed_request_id_is_taken(value: str) -> None:
    taken = bind_request_id(value)
    assert REQUEST_ID.fullmatch(taken)
    assert taken == value or not REQUEST_ID.fullmatch(value)
    assert current_request_id() == taken
    clear_request_id()
    assert current_request_id() is None


@pytest.mark.parametrize("bad", ["", "short", "a" * 65, "line\nbreak-in-it", "quote\"quote'quote"])
def test_a_bad_request_id_is_replaced(bad: str) -> None:
    assert bind_request_id(bad) != bad
    clear_request_id()


def test_records_of_both_kinds_are_json_and_carry_the_request_id() -> None:
    script = (
        "import logging, structlog\n"
        "from core.logs import bind_request_id, configure_logging\n"
        "configure_logging()\n"
        "bind_request_id('request-0001')\n"
        "structlog.get_logger().info('ours', name='a\\nb')\n"
        "logging.getLogger('library').warning('theirs %s', 1)\n"
        "try:\n    1 / 0\n"
        "except ZeroDivisionError:\n    structlog.get_logger().exception('broken')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    ours, theirs, broken = (json.loads(line) for line in result.stdout.splitlines())
    assert ours["event"] == "ours"
    assert ours["name"] == "a\nb"
    assert theirs["event"] == "theirs 1"
    assert theirs["level"] == "warning"
    assert broken["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert {record["request_id"] for record in (ours, theirs, broken)} == {"request-0001"}
