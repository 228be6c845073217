"""The place in a stream, which is the `id` of its events: `<message>-<letters so far>`.

Letters are Unicode's code points, as PostgreSQL counts them and Python does.
"""

import re

from core.problems import invalid

PLACE = re.compile(r"([1-9][0-9]{0,18})-(0|[1-9][0-9]{0,9})")


def place(message_id: int, letters: int) -> str:
    """The id of an event, after which this many letters of the answer are known."""
    return f"{message_id}-{letters}"


def letters_before(last_event_id: str | None, message_id: int) -> int | None:
    """How many letters of this answer somebody has who names the last event that they saw.

    None for somebody who saw nothing. Raises 422 for what is no event of this answer.
    """
    if not last_event_id:
        return None
    found = PLACE.fullmatch(last_event_id)
    if found is None or int(found[1]) != message_id:
        raise invalid([("header/Last-Event-ID", "This is no event of this answer.")])
    return int(found[2])
