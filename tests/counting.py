"""Counts what a run really did, so that the last session of noxfile.py can hold it to that.

A test says `record_property("combinations rendered", 27)`. The numbers of the tests that passed
are added up and written to the file that COUNTS names.
"""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

Record = Callable[[str, object], None]


class Counting:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.counts["failed"] += 1
        elif report.skipped:
            self.counts["skipped"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1
            for name, value in report.user_properties:
                self.counts[name] += int(str(value))

    def pytest_sessionfinish(self) -> None:
        if "COUNTS" not in os.environ:
            return
        path = Path(os.environ["COUNTS"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.counts, indent=2) + "\n", encoding="utf-8")
