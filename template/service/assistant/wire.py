"""Events as they are sent; what the contract calls them is in `docs/assistant.md`."""

import json
from typing import Any

from fastapi.sse import format_sse_event

from core.assistant.places import place
from core.problems import Problem
from service.assistant.schemas import ChatMessage
from service.pool import Row


class Wire:
    """Turns what happens to one answer into events that are known by their places."""

    def __init__(self, message_id: int, letters: int = 0) -> None:
        self.message_id, self.letters = message_id, letters

    def start(self, answer: Row, question: Row) -> bytes:
        """The first event: the question as it is kept, and the answer, empty yet."""
        return self._event("start", message=message(answer), question=message(question))

    def token(self, text: str) -> bytes:
        """More of the answer. By hand, as there are many of these; JSON has no line breaks."""
        self.letters += len(text)
        data = json.dumps(text)
        return (
            f'event: token\nid: {self.message_id}-{self.letters}\ndata: {{"text": {data}}}\n\n'
        ).encode()

    def end(self, answer: Row) -> bytes:
        """The last event: the whole answer as it is kept."""
        return self._event("end", message=message(answer))

    def error(self, problem: Problem) -> bytes:
        """The last event instead: why there is no more."""
        return self._event("error", **problem.document())

    def _event(self, name: str, **data: Any) -> bytes:
        where = place(self.message_id, self.letters)
        return format_sse_event(event=name, id=where, data_str=json.dumps(data))


def message(row: Row) -> dict[str, Any]:
    """A message as everything that tells of it tells it."""
    return ChatMessage.model_validate(row).model_dump(mode="json")
