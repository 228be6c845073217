"""The mailbox in a thread of the test run, for tests to look into."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox.mailbox.mail import CaughtMail
from sandbox.mailbox.smtp import smtp_protocol
from sandbox.mailbox.store import MailStore
from sandbox.ports import free_port


class Mailbox:
    """What the product sent during one test."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    @property
    def messages(self) -> list[CaughtMail]:
        """Every mail, the oldest first."""
        return self._store.all()

    def wait(
        self, *, to: str | None = None, subject: str | None = None, timeout: float = 120
    ) -> CaughtMail:
        """The first mail to this address whose subject holds this text, there or still to come.

        Raises AssertionError, with what did arrive, when none has come after `timeout` seconds.
        """

        def wanted(mail: CaughtMail) -> bool:
            right_address = to is None or to in mail.recipients
            return right_address and (subject is None or subject in mail.subject)

        found = self._store.wait(wanted, timeout)
        if found is None:
            arrived = [(mail.recipients, mail.subject) for mail in self.messages]
            raise AssertionError(f"no mail {to=} {subject=} in {timeout} s; arrived: {arrived}")
        return found

    def clear(self) -> None:
        """Forget every mail."""
        self._store.clear()


@contextlib.contextmanager
def mailbox_in_thread(folder: Path) -> Iterator[tuple[Mailbox, str]]:
    """A mailbox and the address of its SMTP server, until the block ends."""
    store = MailStore(folder)
    port = free_port()
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(lambda: smtp_protocol(store), "127.0.0.1", port)
    )
    thread = threading.Thread(target=loop.run_forever, name="mailbox", daemon=True)
    thread.start()
    try:
        yield Mailbox(store), f"smtp://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
