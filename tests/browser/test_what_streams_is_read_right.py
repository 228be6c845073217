"""The parts of the assistant's page that have to be right for every stream, tried in Chromium."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, Route

from tests.questions import ROOT

SCRIPTS = ROOT / "template/web/assistant/static/assistant"
ORIGIN = "http://scripts.test"
OFTEN = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

READ = """
async (pieces) => {
  const { EventParser, readEvents } = await import("/events.js");
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Uint8Array.from(piece));
      controller.close();
    },
  });
  const parser = new EventParser();
  const events = [];
  for await (const event of readEvents(body, parser)) events.push(event);
  return { events, lastId: parser.lastId };
}
"""
SHOW = """
async (texts) => {
  const { show } = await import("/text.js");
  const [grown, whole] = [document.createElement("div"), document.createElement("div")];
  for (const text of texts) show(grown, text);
  show(whole, texts.at(-1));
  const elements = [...whole.querySelectorAll("*")];
  return {
    grown: grown.innerHTML,
    whole: whole.innerHTML,
    text: whole.textContent,
    names: elements.map((each) => each.localName),
    attributes: elements.flatMap((each) => each.getAttributeNames()),
  };
}
"""
TAKE = """
async (events) => {
  const { Message } = await import("/message.js");
  const element = document.createElement("article");
  element.innerHTML = "<div data-text></div><p data-note></p>";
  const message = new Message(element);
  for (const [text, id] of events) message.take(text, id);
  return message.text;
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page of a site that has the scripts and nothing else."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page = browser.new_page()
    page.route(f"{ORIGIN}/**", serve)
    page.goto(ORIGIN)
    yield page
    page.close()


def meant(text: str) -> dict[str, Any]:
    """What a whole stream says, by the letter of WHATWG HTML, "Interpreting an event stream".

    But for `retry`: the service never says it, and the page has pauses of its own.
    """
    lines = re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))[:-1]
    events, kind, data, last_id = [], "", "", ""
    for line in lines:
        name, colon, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                events.append({"type": kind or "message", "data": data[:-1], "id": last_id})
            kind = data = ""
        elif not name and colon:
            continue
        elif name == "event":
            kind = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            last_id = value
    return {"events": events, "lastId": last_id}


def cut(data: bytes, places: list[int]) -> list[list[int]]:
    """The bytes in pieces; some are empty."""
    ends = sorted(place % (len(data) + 1) for place in places)
    return [list(data[i:j]) for i, j in zip([0, *ends], [*ends, len(data)], strict=True)]


def read(page: Page, data: bytes, places: list[int]) -> object:
    return page.evaluate(READ, cut(data, places))


VALUES = st.text(st.sampled_from("ab: 0é€😀\0\ufeff"), max_size=6)
NAMES = st.sampled_from(["data", "data", "data", "event", "id", "retry", "", "dat", "Data", "x"])
FIELDS = st.tuples(NAMES, st.sampled_from([":", ": ", ":  ", ""]), VALUES).map("".join)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\r\r"])
STREAMS = st.lists(st.tuples(FIELDS | st.just("retry: 50"), ENDS).map("".join), max_size=20).map(
    "".join
)
PLACES = st.lists(st.integers(0, 10_000), max_size=30)


@OFTEN
@given(STREAMS, PLACES)
def test_a_stream_means_the_same_wherever_it_is_cut(
    page: Page, stream: str, places: list[int]
) -> None:
    assert read(page, stream.encode(), places) == meant(stream)


def test_a_stream_means_the_same_byte_by_byte(page: Page) -> None:
    stream = (
        "\ufeff: hello\r\nretry: 3000\r\nid: 7-1\r\nevent: token\r\ndata: {\r\ndata:  é😀}\r\n\r\n"
        "data\r\rid\ndata: x\n\n: a comment between\n\nevent: lost\n\ndata: 1\nid: 9\n\ndata: cut"
    )
    told = read(page, stream.encode(), list(range(len(stream.encode()))))
    assert told == {
        "events": [
            {"type": "token", "data": "{\n é😀}", "id": "7-1"},
            {"type": "message", "data": "", "id": "7-1"},
            {"type": "message", "data": "x", "id": ""},
            {"type": "message", "data": "1", "id": "9"},
        ],
        "lastId": "9",
    }


@OFTEN
@given(st.text(st.sampled_from("ab😀é\n"), max_size=60), st.lists(st.tuples(PLACES, PLACES)))
def test_no_character_is_taken_twice_however_often_it_is_sent(
    page: Page, text: str, connections: list[tuple[list[int], list[int]]]
) -> None:
    """Each connection begins at or before the place that was reached, as resuming may."""
    events: list[tuple[str, str]] = []
    reached = 0
    for starts, ends in [*connections, ([0], [])]:
        start = min([reached, *(place % (len(text) + 1) for place in starts)])
        stops = sorted({place % (len(text) + 1) for place in ends} | {len(text)})
        for stop in (stop for stop in stops if stop > start):
            events.append((text[start:stop], f"12-{stop}"))
            start = stop
        reached = max(reached, start)
    assert page.evaluate(TAKE, events) == text


WORDS = ("`", "```", "```js\n", "~~~", "**", "# ", "- ", "1. ", "\n", "\n\n", "<b>", "a", " ")
MARKUP = st.lists(st.sampled_from(WORDS), max_size=40).map("".join)
KNOWN = {"p", "ul", "ol", "li", "code", "strong", "div", "span", "pre", "button"}


@OFTEN
@given(MARKUP, PLACES)
def test_a_text_that_grows_ends_as_if_it_had_come_at_once(
    page: Page, text: str, places: list[int]
) -> None:
    ends = sorted(place % (len(text) + 1) for place in places)
    shown = page.evaluate(SHOW, [text[:end] for end in [*ends, len(text)]])
    assert shown["grown"] == shown["whole"]


@OFTEN
@given(MARKUP)
def test_no_letter_of_a_text_is_lost_and_none_becomes_markup(page: Page, text: str) -> None:
    shown = page.evaluate(SHOW, [text])
    assert set(shown["names"]) <= KNOWN
    assert set(shown["attributes"]) <= {"class", "type", "tabindex", "start", "hidden"}
    for word in ("a", "<b>"):
        assert shown["text"].count(word) == text.count(word)
