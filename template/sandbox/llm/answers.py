"""What the model says: the same to the same question, and always about what was asked."""

import re
from collections.abc import Sequence

Message = dict[str, str]

GREETING = re.compile(r"^\W*(hi|hello|hey|good (morning|day|evening))\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_][\w'-]{3,}")
# A word with the space before it, or an end of line: about what models take for a token.
PIECE = re.compile(r"[^\S\n]*\S+|\n+|[^\S\n]+")
LONGEST_QUOTE = 200  # characters of the question that are said again
MOST_WORDS = 3  # of the question that an answer goes into

ADVICE = (
    "write down what is certain, and what is only supposed",
    "ask whoever has done it before what they would leave out",
    "begin with the smallest part that somebody can use",
)


def answer_to(messages: Sequence[Message]) -> str:
    """An answer to the last of them that a person wrote."""
    questions = [each["content"] for each in messages if each["role"] == "user"]
    question = " ".join(questions[-1].split()) if questions else ""
    if not question:
        return "You said nothing. Ask me something."
    if GREETING.match(question):
        return "Hello! I am the sandbox's stand-in for a language model. What do you want to know?"
    quote = question[:LONGEST_QUOTE] + ("…" if len(question) > LONGEST_QUOTE else "")
    parts = [f"You asked: “{quote}”"]
    if former := len(questions) - 1:
        parts.append(f"I remember {former} earlier {'message' if former == 1 else 'messages'}.")
    if words := topics(question):
        steps = zip(words, ADVICE, strict=False)
        parts.append("Here is how I would go about it:")
        parts.append("\n".join(f"- **{word}**: {advice}." for word, advice in steps))
    parts.append(
        "I run offline and know nothing, so do not rely on this. Set `ASSISTANT_URL` to ask a real "
        "model."
    )
    return "\n\n".join(parts)


def topics(question: str) -> list[str]:
    """Its longest words, in the order in which they stand there."""
    words = list(dict.fromkeys(word.lower() for word in WORD.findall(question)))
    longest = sorted(words, key=len, reverse=True)[:MOST_WORDS]
    return [word for word in words if word in longest]


def pieces(text: str) -> list[str]:
    """The text in the parts in which it is streamed; together they are the text."""
    return PIECE.findall(text)


def prompt_tokens(messages: Sequence[Message]) -> int:
    """How many tokens were asked."""
    return sum(len(pieces(each["content"])) for each in messages)
