"""What was promised: a document as git has it, before the changes that are looked at."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

TRUNKS = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True)
class Base:
    """A commit to compare with."""

    commit: str

    def text(self, path: str) -> str | None:
        """The file as the commit has it; None if it has none."""
        # The project need not be at the root of its repository.
        return git("show", f"{self.commit}:./{path}")

    def document(self, path: str) -> dict[str, Any] | None:
        """The document as the commit has it; None if it has none."""
        text = self.text(path)
        return None if text is None else json.loads(text)


def find_base(wanted: str = "") -> Base | None:
    """Where this branch left `wanted`, if there is such a commit, else where it left the trunk.

    On the trunk itself that is the last commit as long as a document is not committed, and then
    the one before. None when there is no commit at all.
    """
    head = commit_of("HEAD")
    if head is None:
        return None
    if wanted and commit_of(wanted):
        return Base(git("merge-base", "HEAD", wanted) or wanted)
    trunk = next(filter(commit_of, TRUNKS), "HEAD")
    left = git("merge-base", "HEAD", trunk)
    if left and left != head:
        return Base(left)
    if git("status", "--porcelain", "--", "openapi*.json"):
        return Base(head)
    return Base(commit_of("HEAD^") or head)


def commit_of(name: str) -> str | None:
    """The commit of that name, if there is one."""
    return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")


def git(*arguments: str) -> str | None:
    """What git prints; None when it fails, or is not there."""
    try:
        run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return run.stdout.strip() if run.returncode == 0 else None
