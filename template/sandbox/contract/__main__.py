"""Writes the OpenAPI documents, and holds them to what was promised.

    python -m sandbox.contract write         writes openapi.json
    python -m sandbox.contract check [BASE]  says what is stale, missing or broken

BASE is what to compare with, such as `origin/main`; without it, and without the variable
CONTRACT_BASE, that is where this branch left the trunk. A first document is written, but not where
the variable CI is set: there nobody would commit it.
"""

import os
import secrets
import sys
from pathlib import Path

from sandbox.contract.base import commit_of, find_base
from sandbox.contract.check import check
from sandbox.contract.text import written
from sandbox.testing import without_those_of_this_shell

# No server is asked for anything, so there need be none.
NOWHERE = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@localhost/nowhere",
    "REDIS_URL": "redis://localhost",
    "SMTP_URL": "smtp://localhost",
    "LOG_LEVEL": "ERROR",
}


def main(arguments: list[str]) -> int:
    """Do what the command line says and answer the exit status."""
    os.environ |= {
        **without_those_of_this_shell(),
        "SECRET_KEY": secrets.token_urlsafe(48),
        **NOWHERE,
    }
    # The settings are read when it is imported.
    from sandbox.contract.documents import documents

    match arguments:
        case ["write"]:
            for name, document in documents().items():
                Path(name).write_text(written(document), "utf-8")
            return 0
        case ["check", *base] if len(base) < 2:
            if base and commit_of(base[0]) is None:
                sys.stderr.write(f"{base[0]}: there is no such commit to compare with\n")
                return 2
            # CI does not know a commit for every run.
            wanted = base[0] if base else os.environ.get("CONTRACT_BASE", "")
            found = check(documents(), find_base(wanted), writes=not os.environ.get("CI"))
            sys.stderr.writelines(f"{line}\n" for line in (*found.notes, *found.problems))
            return int(bool(found.problems))
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
