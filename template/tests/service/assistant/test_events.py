"""Events are read however their bytes are cut, and what is none is told."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.assistant.events import MOST_UNREAD, UNREADABLE, Event, Events


def chunk(text: str, end: str = "\n\n") -> bytes:
    body = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    return f": a comment{end}data: {json.dumps(body, ensure_ascii=False)}{end}".encode()


@settings(max_examples=50)
@given(texts=st.lists(st.text(min_size=1), max_size=5), cuts=st.lists(st.integers(0, 400)))
def test_bytes_may_be_cut_anywhere(texts: list[str], cuts: list[int]) -> None:
    whole = b"".join(chunk(text, "\r\n\r\n" if len(text) % 2 else "\n\n") for text in texts)
    places = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    events = Events()
    found = [
        event.text
        for begin, end in itertools.pairwise(places)
        for event in events.feed(whole[begin:end])
    ]
    assert found == texts


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ("[DONE]", Event(is_end=True)),
        ('{"choices": [{"delta": {}, "finish_reason": "stop"}]}', Event(finish="stop")),
        ('{"choices": [{"delta": {"role": "assistant", "content": null}}]}', Event()),
        ('{"choices": [{"delta": {"reasoning_content": "Hm"}}]}', Event(is_thought=True)),
        (
            '{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 5}}',
            Event(usage=(3, 5)),
        ),
        ('{"error": {"code": "x"}}', Event(failed={"code": "x"})),
        ('{"error": "down"}', Event(failed={"message": "down"})),
    ],
)
def test_what_an_event_says(data: str, event: Event) -> None:
    assert Events().feed(f"data:{data}\n\n".encode()) == [event]


@pytest.mark.parametrize(
    "data",
    ["", "{", "[]", "7", '{"choices": {}, "x": 1', '{"choices": [3]}',
     '{"choices": [{"delta": {"content": 7}}]}', '{"choices": [], "usage": {"a": 1}}'],
)  # fmt: skip
def test_what_is_no_event_is_told(data: str) -> None:
    fine = Event("before")
    assert Events().feed(chunk("before") + f"data: {data}\n".encode()) == [fine, UNREADABLE]


def test_an_event_without_end_is_not_kept() -> None:
    events = Events()
    assert events.feed(b"x" * MOST_UNREAD) == []
    assert events.feed(b"x") == [UNREADABLE]
