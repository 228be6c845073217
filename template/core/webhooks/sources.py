"""What a source of webhooks is: how to tell that it was them, and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.env import get_settings
from core.outbox.write import Execute
from core.webhooks.env import NAME
from core.webhooks.ledger import MOST_BYTES, Incoming, Stored

# Does, in the task's transaction, what a stored event asks for; may be asked again for the same.
Handle = Callable[[Execute, Stored], None]
# The headers that a source sends along with a body: of a secret, the body and the event's type.
Sign = Callable[[str, bytes, str], Mapping[str, str]]


class NotSetUp(Exception):
    """A source is declared, but cannot be told from others yet: nothing of it is believed."""


@dataclass(frozen=True)
class Source:
    """Somebody who sends webhooks to `/webhooks/<name>`.

    Parameters
    ----------
    name
        As in the address: small letters, digits and hyphens, at most 32.
    verify
        Given the raw body and the headers, answers the event, or None for one of no interest.
        Raises `Refused` if it is not theirs, and `NotSetUp`.
    handle
        What to do with an event that was stored.
    most_bytes
        How large a body may be.
    sign
        Signs as the source does, for samples in development. Not everybody's signature is known.
    """

    name: str
    verify: Callable[[bytes, Mapping[str, str]], Incoming | None]
    handle: Handle
    most_bytes: int = MOST_BYTES
    sign: Sign | None = None

    def __post_init__(self) -> None:
        """Refuse a name that the address or the ledger cannot hold. Raises `ValueError`."""
        if not NAME.fullmatch(self.name):
            raise ValueError(f"the name of a source is small letters, digits, -: {self.name!r}")


def by_name(*sources: Source) -> dict[str, Source]:
    """The sources by their names; raises `ValueError` if two have the same."""
    found = {source.name: source for source in sources}
    if len(found) < len(sources):
        raise ValueError("two sources of webhooks have the same name")
    return found


def secrets_of(name: str) -> list[str]:
    """The secrets that a source may sign with; raises `NotSetUp` if there is none."""
    secrets = get_settings().webhook_secrets.get(name)
    if not secrets:
        raise NotSetUp(f"WEBHOOK_SECRETS has no secret of {name}")
    return [secret.get_secret_value() for secret in secrets]
