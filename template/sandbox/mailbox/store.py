"""Caught mails, one file each, so that they survive a restart."""

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.mailbox.mail import RECIPIENTS, SENDER, CaughtMail

KEPT = 200


class MailStore:
    """The newest mails in a folder. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._arrival = threading.Condition()
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, sender: str, recipients: list[str], content: bytes) -> None:
        """Keep a mail, and forget the oldest when there are too many."""
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        envelope = f"{SENDER}: {one_line(sender)}\r\n{RECIPIENTS}: "
        envelope += ", ".join(map(one_line, recipients)) + "\r\n"
        unfinished = self.folder / f"{name}.unfinished"
        unfinished.write_bytes(envelope.encode() + content)
        with self._arrival:
            unfinished.rename(self.folder / f"{name}.eml")
            for old in self._files()[:-KEPT]:
                old.unlink(missing_ok=True)
            self._arrival.notify_all()

    def all(self) -> list[CaughtMail]:
        """Every mail, the oldest first."""
        return [CaughtMail(file.stem, file.read_bytes()) for file in self._files()]

    def get(self, mail_id: str) -> CaughtMail | None:
        """The mail with this id, if there is one."""
        return next((mail for mail in self.all() if mail.id == mail_id), None)

    def clear(self) -> None:
        """Forget every mail."""
        with self._arrival:
            for file in self._files():
                file.unlink(missing_ok=True)

    def wait(self, wanted: Callable[[CaughtMail], bool], seconds: float) -> CaughtMail | None:
        """The first mail that is wanted; None when none has come in time."""

        def find() -> CaughtMail | None:
            return next(filter(wanted, self.all()), None)

        with self._arrival:
            return self._arrival.wait_for(find, seconds)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"))


def one_line(address: str) -> str:
    """An address that cannot smuggle in a header of its own."""
    return "".join(address.splitlines())
