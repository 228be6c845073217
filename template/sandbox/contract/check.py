"""Whether the documents are fresh, say everything, and keep what was promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.contract.announced import FILE, announced, present
from sandbox.contract.base import Base
from sandbox.contract.changes import changes
from sandbox.contract.missing import missing
from sandbox.contract.text import written

BROKEN = """\
Callers of the API may fail, compared with {commit}:

{changes}

Undo it. Or tell your customers first, and then put these lines into {file} as they are.
"""


@dataclass
class Findings:
    """What is wrong, and what is only worth knowing."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check(
    documents: Mapping[str, dict[str, Any]], base: Base | None, *, writes: bool = True
) -> Findings:
    """Look at each document as the code makes it now; a first one is written.

    Where nobody would commit it, as in CI, nothing is written: it would be the first for ever.
    """
    found = Findings()
    if base is None:
        found.notes.append("There is no commit to compare the API with.")
    for name, document in documents.items():
        look_at_file(name, written(document), base, found, writes=writes)
        found.problems += [f"{name}: {what}" for what in missing(document)]
    if base is not None:
        compare(documents, base, found)
    return found


def look_at_file(name: str, text: str, base: Base | None, found: Findings, *, writes: bool) -> None:
    """Whether the file in the project is the present document."""
    path = Path(name)
    if path.exists():
        if path.read_text("utf-8") != text:
            found.problems.append(
                f"{name} is not what the API is now. Run `uv run just openapi`, look at the"
                " difference, and commit it."
            )
    elif base is not None and base.text(name) is not None:
        found.problems.append(f"{name} is gone. Run `uv run just openapi` and commit it.")
    elif not writes:
        found.problems.append(
            f"{name} was never committed, so nobody sees what breaks callers of the API. Run"
            " `uv run just openapi` and commit it."
        )
    else:
        path.write_text(text, "utf-8")
        found.notes.append(f"{name} is new. Commit it: it is what callers of the API rely on.")


def compare(documents: Mapping[str, dict[str, Any]], base: Base, found: Findings) -> None:
    """Whether a caller who relies on the base's documents may fail."""
    told = announced(base.text(FILE), present())
    broken: list[str] = []
    for name, document in documents.items():
        if (before := base.document(name)) is None:
            continue
        for change in changes(before, document):
            if not change.breaks or str(change) in told:
                found.notes.append(f"Callers may notice: {change}")
            else:
                broken.append(f"- {change}")
    if broken:
        lines = "\n".join(dict.fromkeys(broken))
        found.problems.append(BROKEN.format(commit=base.commit[:12], changes=lines, file=FILE))
