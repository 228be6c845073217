"""Logs are one JSON object a line, and a stranger cannot write into them."""

import json
import os
import subprocess
import sys
from typing import Any

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
    result = run(
        "bind_request_id('request-0001')\n"
        "log.info('ours', name='a\\nb')\n"
        "logging.getLogger('library').warning('theirs %s', 1)\n"
        "try:\n    1 / 0\n"
        "except ZeroDivisionError:\n    log.exception('broken')\n"
    )
    ours, theirs, broken = records(result)
    assert ours["event"] == "ours"
    assert ours["name"] == "a\nb"
    assert theirs["event"] == "theirs 1"
    assert theirs["level"] == "warning"
    assert broken["exception"][0]["exc_type"] == "ZeroDivisionError"
    assert {record["request_id"] for record in (ours, theirs, broken)} == {"request-0001"}
    assert {frozenset(record) for record in (ours, theirs)} == {
        frozenset({"event", "request_id", "level", "logger", "timestamp", *extra})
        for extra in ({"name"}, ())
    }


def test_a_line_that_cannot_be_made_or_written_fails_nobody() -> None:
    result = run(
        "log.info('unsayable', odd={(1, 2): 3})\n"
        "log.info('sayable')\n"
        "sys.stdout.close()\n"
        "log.info('unwritable')\n"
        "sys.stderr.write('went on')\n"
    )
    assert [record["event"] for record in records(result)] == ["sayable"]
    assert "unsayable" in result.stderr
    assert "unwritable" in result.stderr
    assert result.stderr.endswith("went on")


def test_a_line_is_written_before_what_comes_next_and_whole() -> None:
    """Also when the process ends at once, and with threads that log by both ways."""
    result = run(
        "text = 'x' * 20_000\n"
        "library = logging.getLogger('library')\n"
        "def work(say):\n    for number in range(50):\n        say(text)\n"
        "threads = [threading.Thread(target=work, args=[say])\n"
        "           for say in (log.info, library.warning) * 2]\n"
        "for thread in threads:\n    thread.start()\n"
        "for thread in threads:\n    thread.join()\n"
        "log.info('last')\n"
        "os._exit(0)\n"
    )
    *lines, last = records(result)
    assert last["event"] == "last"
    assert [record["event"] for record in lines] == ["x" * 20_000] * 200


def test_what_tracks_errors_hears_of_warnings_and_errors_and_each_is_one_line() -> None:
    result = run(
        "class Tracker(logging.Handler):\n"
        "    def emit(self, record):\n"
        "        kind = record.exc_info and record.exc_info[0].__name__\n"
        "        print(record.name, record.levelname, record.msg, kind, file=sys.stderr)\n"
        "logging.root.addHandler(Tracker())\n"
        "log.info('quiet')\n"
        "log.warning('careful')\n"
        "try:\n    1 / 0\n"
        "except ZeroDivisionError as error:\n"
        "    log.exception('broken')\n"
        "    log.error('kept', exc_info=error)\n"
    )
    assert [record["event"] for record in records(result)] == ["quiet", "careful", "broken", "kept"]
    assert result.stderr.splitlines() == [
        "__main__ WARNING careful None",
        "__main__ ERROR broken ZeroDivisionError",
        "__main__ ERROR kept ZeroDivisionError",
    ]


def test_the_level_of_a_logger_can_be_chosen() -> None:
    result = run(
        "log.debug('never')\n"
        "log.info('seen')\n"
        "logging.getLogger('a.part').setLevel('WARNING')\n"
        "structlog.get_logger('a.part').info('never')\n"
        "structlog.get_logger('a.part').warning('seen')\n"
    )
    assert [record["event"] for record in records(result)] == ["seen", "seen"]
    assert [record["logger"] for record in records(result)] == ["__main__", "a.part"]


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script that logs."""
    head = (
        "import logging, os, sys, threading\n"
        "import structlog\n"
        "from core.logs import bind_request_id, configure_logging\n"
        "configure_logging()\n"
        "log = structlog.get_logger()\n"
    )
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    return subprocess.run(
        [sys.executable, "-c", head + script],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )


def records(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What its lines say."""
    return [json.loads(line) for line in result.stdout.splitlines()]
