"""The model is sent what fits: the newest exchanges, whole."""

from hypothesis import given
from hypothesis import strategies as st

from core.assistant.prompt import build_prompt, estimate_prompt, exchanges
from core.assistant.tokens import estimate

PAST = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=40)))


@given(past=PAST, most=st.integers(0, 50))
def test_the_past_alternates_and_fits(past: list[tuple[str, str]], most: int) -> None:
    system, *kept, question = build_prompt("Be brief.", past, "Why?", most)
    assert (system["role"], question) == ("system", {"role": "user", "content": "Why?"})
    assert [each["role"] for each in kept] == ["user", "assistant"] * (len(kept) // 2)
    assert estimate_prompt(kept) <= most
    whole = [text for exchange in exchanges(past) for text in exchange]
    assert [each["content"] for each in kept] == whole[len(whole) - len(kept) :]


def test_a_question_that_nothing_came_of_is_left_out() -> None:
    past = [("user", "A?"), ("assistant", ""), ("user", "B?"), ("user", "C?"), ("assistant", "c")]
    assert exchanges(past) == [("C?", "c")]


def test_without_instructions_there_is_no_message_of_them() -> None:
    assert build_prompt("", [], "Why?", 100) == [{"role": "user", "content": "Why?"}]


@given(text=st.text())
def test_an_estimate_is_above_nothing_for_what_is_something(text: str) -> None:
    assert (estimate(text) > 0) == bool(text)
