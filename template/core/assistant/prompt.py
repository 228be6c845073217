"""What the model is sent: the instructions, as much of the past as fits, and the question."""

from collections.abc import Iterable, Sequence

from core.assistant.tokens import estimate

Message = dict[str, str]
# Of the past; who talks longer is not remembered from the start.
MOST_MESSAGES = 40


def build_prompt(
    instructions: str, past: Sequence[tuple[str, str]], question: str, most: int
) -> list[Message]:
    """The messages for the model.

    Parameters
    ----------
    past
        Role and content of each former message, the oldest first.
    most
        About how many tokens of the past go along. Questions go with their answers or not at all,
        the newest first, so that roles alternate, as many models want them to.
    """
    kept: list[Message] = []
    for asked, answered in reversed(exchanges(past)):
        most -= estimate(asked) + estimate(answered)
        if most < 0:
            break
        kept[:0] = [message("user", asked), message("assistant", answered)]
    first = [message("system", instructions)] if instructions else []
    return [*first, *kept, message("user", question)]


def exchanges(past: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each question with its answer. One that nothing came of is as if it was not asked."""
    found: list[tuple[str, str]] = []
    asked = ""
    for role, content in past:
        if role == "user":
            asked = content
        elif asked and content.strip():
            found.append((asked, content))
            asked = ""
    return found


def message(role: str, content: str) -> Message:
    """As providers take it."""
    return {"role": role, "content": content}


def estimate_prompt(messages: Iterable[Message]) -> int:
    """About how many tokens the messages are."""
    return sum(estimate(each["content"]) for each in messages)
