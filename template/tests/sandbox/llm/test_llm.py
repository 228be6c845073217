"""The sandbox's model speaks as an OpenAI-compatible API does, and fails on demand."""

import json
from collections.abc import Iterator

import httpx
import pytest

from sandbox.llm import pages
from sandbox.llm.answers import answer_to, pieces
from sandbox.llm.model import KEY, Fault
from sandbox.llm.thread import RunningLlm, llm_in_thread

ASK = {"model": "sandbox", "messages": [{"role": "user", "content": "How do pumpkins grow?"}]}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningLlm]:
    with llm_in_thread() as llm:
        yield llm


@pytest.fixture
def llm(running: RunningLlm) -> RunningLlm:
    running.fault, running.text, running.pace, running.hold_after = Fault.NONE, "", 0.0, None
    return running


@pytest.fixture
def client(llm: RunningLlm) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=llm.url, headers={"Authorization": f"Bearer {KEY}"}) as client:
        yield client


def streamed(client: httpx.Client, **more: object) -> list[object]:
    """The data of the events of an answer."""
    answer = client.post("/chat/completions", json={**ASK, "stream": True, **more})
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    lines = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def test_a_stream_has_all_that_one_has(client: httpx.Client) -> None:
    first, *tokens, last, usage, done = streamed(client, stream_options={"include_usage": True})
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}  # type: ignore[index]
    text = "".join(each["choices"][0]["delta"]["content"] for each in tokens)  # type: ignore[index]
    assert text == answer_to(ASK["messages"])  # type: ignore[arg-type]
    assert "pumpkins" in text
    assert last["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}  # type: ignore[index]
    counted = len(pieces(text))
    assert usage["usage"] == {  # type: ignore[index]
        "prompt_tokens": 4,
        "completion_tokens": counted,
        "total_tokens": counted + 4,
    }
    assert done == "[DONE]"


def test_whole_answers_say_the_same(client: httpx.Client) -> None:
    body = client.post("/chat/completions", json=ASK).json()
    assert body["choices"][0]["message"]["content"] == answer_to(ASK["messages"])  # type: ignore[arg-type]
    short = client.post("/chat/completions", json={**ASK, "max_tokens": 3}).json()
    assert short["choices"][0]["finish_reason"] == "length"
    assert short["usage"]["completion_tokens"] == 3


def test_only_who_has_the_key_is_answered(llm: RunningLlm) -> None:
    for path in ("/models", "/chat/completions"):
        answer = httpx.request("GET" if path == "/models" else "POST", llm.url + path, json=ASK)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "invalid_api_key"


def test_the_models_name_chooses_a_fault(client: httpx.Client) -> None:
    names = [each["id"] for each in client.get("/models").json()["data"]]
    assert len(names) == len(Fault) + 1
    answer = client.post("/chat/completions", json={**ASK, "model": "sandbox-limits"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "7"
    whole = streamed(client, model="sandbox-ends-early")
    assert whole[-1] != "[DONE]"


def test_it_remembers_and_greets() -> None:
    def said(*questions: str) -> str:
        return answer_to([{"role": "user", "content": question} for question in questions])

    assert said("Hello there").startswith("Hello!")
    assert "1 earlier message." in said("How do pumpkins grow?", "And melons?")
    assert said("How do pumpkins grow?") == said("How do pumpkins grow?")
    assert "".join(pieces(said("a\n  b"))) == said("a\n  b")


def test_who_leaves_is_counted_at_once(llm: RunningLlm, client: httpx.Client) -> None:
    llm.hold_after, left = 2, llm.left
    with client.stream("POST", "/chat/completions", json={**ASK, "stream": True}):
        llm.wait(lambda: llm.asked[-1].tokens == 2)
        assert llm.open == 1
    llm.wait(lambda: llm.left == left + 1)
    assert llm.open == 0
    assert llm.asked[-1].state == "left"


def test_a_person_sees_what_was_asked_and_chooses_a_fault(
    llm: RunningLlm, client: httpx.Client
) -> None:
    streamed(client)
    page = f"{llm.origin}/dev/assistant"
    assert "How do pumpkins grow?" in httpx.get(page).text
    form = {"fault": Fault.FAILS.value, "pace": "0.5"}
    assert httpx.post(page, data=form, headers={"Origin": llm.origin}).status_code == 303
    assert (llm.fault, llm.pace) == (Fault.FAILS, 0.5)
    assert client.post("/chat/completions", json=ASK).status_code == 500
    for bad in ({"fault": "explodes"}, {**form, "pace": "nan"}, {**form, "pace": "-1"}):
        assert httpx.post(page, data=bad, headers={"Origin": llm.origin}).status_code == 400
    for headers in ({"Origin": "http://evil.example"}, {}):
        assert httpx.post(page, data=form, headers=headers).status_code == 403


def test_the_product_is_led_here_unless_it_has_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_URL", "")
    variables = pages.environment("http://localhost:8000")
    assert variables["ASSISTANT_URL"] == "http://localhost:8000/dev/assistant/v1"
    monkeypatch.setenv("ASSISTANT_URL", "https://api.example.com/v1")
    assert pages.environment("http://localhost:8000") == {}
