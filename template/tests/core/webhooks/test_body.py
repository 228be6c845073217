"""A body is read once, and says nothing that PostgreSQL cannot hold."""

import json
import math
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.env import get_settings
from core.webhooks.body import read_body

TEXTS = st.text("a\\u0\0\ud800\udfff\N{GRINNING FACE}", max_size=5)
NUMBERS = st.sampled_from(["0", "-1.5", "1e400", "1E+99999", "9" * 4000 + ".5", "NaN", "-Infinity"])


def test_whatever_a_body_says_can_be_stored() -> None:
    @given(st.lists(st.tuples(TEXTS, TEXTS, NUMBERS)))
    def is_stored(rows: list[tuple[str, str, str]]) -> None:
        pairs = (f"{{{json.dumps(name)}: [{json.dumps(said)}, {no}]}}" for name, said, no in rows)
        read = read_body(f"[{', '.join(pairs)}]".encode())
        assert "\0" not in str(read.said)
        connection.execute("SELECT %s::jsonb", [read.text])

    with psycopg.connect(get_settings().database_url, autocommit=True) as connection:
        is_stored()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": "\\ud83d\\ude00"}', {"a": "\N{GRINNING FACE}"}),
        ('{"a": "\\u0000\\ud800"}', {"a": "\ufffd\ufffd"}),
        ("[1e99999, NaN, -Infinity, 1.5]", [None, None, None, 1.5]),
        ('"\\\\u0000"', "\\u0000"),
    ],
)
def test_a_sign_stands_for_what_cannot_be_stored(text: str, said: Any) -> None:
    assert read_body(text.encode()).said == said


def test_what_can_be_stored_stays_as_it_came() -> None:
    text = '{"b":1e400,  "a": "\N{GRINNING FACE}"}'
    read = read_body(text.encode())
    assert (read.text, read.said["b"]) == (text, math.inf)
