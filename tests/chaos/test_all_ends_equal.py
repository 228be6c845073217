"""Each stack's own chaos test of billing, with many more seeds than it runs with by itself."""

import os
from pathlib import Path

import pytest

from tests.projects import run
from tests.questions import CHOICES
from tests.template import commit_all, run_copier

FIRST, _, LAST = os.environ.get("CHAOS_SEEDS", "1-40").partition("-")
STEPS = os.environ.get("CHAOS_STEPS", "60")
AT_ONCE = 10  # seeds in one run of pytest, so that what they did is seen now and then


@pytest.mark.parametrize("stack", CHOICES["stack"])
def test_all_ends_equal(
    stack: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / stack
    run_copier(repository, project, answers={"stack": stack, "billing": "stripe"})
    commit_all(project)
    monkeypatch.setenv("BILLING_STEPS", STEPS)
    for first in range(int(FIRST), int(LAST or FIRST) + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, int(LAST or FIRST))
        monkeypatch.setenv("BILLING_SEEDS", f"{first}-{last}")
        said = run(project, "uv", "run", "pytest", "tests/billing/test_chaos.py", "-s", "-q").stdout
        for line in said.splitlines():
            if ": " in line and line.lstrip(".").startswith(("seed", "all")):
                print(f"{stack}: {line.lstrip('.')}", flush=True)
