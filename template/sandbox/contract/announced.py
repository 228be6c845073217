"""Changes that break something and were announced: the list in `docs/api-changes.md`."""

from collections import Counter
from pathlib import Path

FILE = "docs/api-changes.md"


def announced(before: str | None, now: str | None) -> set[str]:
    """The items of the list that are new: each announces one change, once."""
    return set(Counter(items(now or "")) - Counter(items(before or "")))


def items(text: str) -> list[str]:
    """The items of all lists of the file."""
    return [line[2:].strip() for line in text.splitlines() if line.startswith(("- ", "* "))]


def present() -> str | None:
    """The file as it is now."""
    path = Path(FILE)
    return path.read_text("utf-8") if path.exists() else None
