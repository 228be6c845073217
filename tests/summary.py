"""Adds up what a run of nox really did, and fails when that is less than there is to do.

`python -m tests.summary FOLDER SESSION...`: the folder with the counts of the sessions that
passed, and their names.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from tests.projects import interpreters
from tests.questions import CHANGES_CODE, CHOICES, combinations, fullest, widest

SESSIONS = (
    *("lint", "render", "frontends", "variants", "boot", "browser", "fuzz", "clients"),
    "update",
)
STACKS = len(CHOICES["stack"])
OWN = len(combinations(CHANGES_CODE))
OTHERS = len(widest()) if interpreters() else 0
# What a session has to have done at least: "passed" are its tests.
MUST: dict[str, dict[str, int]] = {
    "render": {"combinations rendered": len(combinations())},
    "frontends": {"front-end comparisons": 9},
    "variants": {
        "variants tested": OWN + OTHERS,
        "variants on other interpreters": OTHERS,
        "variants tested with their fault tests": len(fullest()),
        "tables compared": 29,
        "operations compared": 55,
    },
    "boot": {"stacks booted": STACKS},
    "fuzz": {"requests fuzzed": 10_000},
    # Twelve journeys on Django's pages, in the two stacks that have them; seven with the assistant.
    "browser": {"browser journeys": 12 * 2 + 7},
    "update": {
        "updates": STACKS * 2 + 1,
        "stack changes": 1,
        "projects that begin to sell": 2,
        "questions that came later": 2,
    },
}


def main(folder: Path, finished: list[str]) -> int:
    total: Counter[str] = Counter()
    problems = [f"{name} did not run, or failed" for name in SESSIONS if name not in finished]
    for session, must in MUST.items():
        path = folder / f"{session}.json"
        counts: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        total.update(counts)
        for what, number in must.items():
            print(f"{session}: {counts.get(what, 0)} {what}")
            if counts.get(what, 0) < number:
                problems.append(f"{session}: {counts.get(what, 0)} {what}; must be {number}")
        if counts.get("skipped"):
            problems.append(f"{session}: {counts['skipped']} tests were skipped")
    for problem in problems:
        print(f"NOT DONE: {problem}")
    failed = max(total["failed"], len(problems))
    print(f"{total['passed'] + ('lint' in finished)} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
