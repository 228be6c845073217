"""A project that sold nothing, with edits and data, gets billing by one command."""

from pathlib import Path

import pytest

from tests.boot.journeys import JOURNEYS, visit
from tests.boot.running import free_port, running
from tests.boot.shop import prices_at_stripe
from tests.counting import Record
from tests.projects import run
from tests.template import commit_all
from tests.update.owner import PRODUCT, UPDATE, by_copier, conflicts, edit_as_owner, version


@pytest.mark.parametrize("stack", ["django", "fastapi"])
def test_one_command_adds_billing_and_keeps_edits_and_data(
    stack: str, template: Path, tmp_path: Path, record_property: Record
) -> None:
    project, port = by_copier(template, tmp_path, stack, billing="none"), free_port()
    sign_up, log_in, _ = JOURNEYS[stack]
    commit_all(project)
    edit_as_owner(project, stack)
    with running(project, port) as former, visit(former) as person:
        sign_up(person)
        assert person.browser.get("/dev/stripe").status_code == 404
        former.press_ctrl_c()
    commit_all(project, "Lock")

    run(project, *UPDATE, "--vcs-ref=:current:", "--data=billing=stripe")

    assert conflicts(project) == ""
    assert version(project) == "v1.0.0"
    assert (project / "README.md").read_text(encoding="utf-8") == "# Ours alone\n"
    for edited in (f"{PRODUCT[stack]}/__init__.py", "core/tokens.py"):
        assert (project / edited).read_text(encoding="utf-8").endswith("OURS = True\n")
    commit_all(project, "It sells")
    run(project, "uv", "run", "just", "lint", "types", "imports", "migrations")
    # Tests of the owner's own, which were there before anything was sold.
    run(project, "uv", "run", "pytest", "tests/product", "tests/core")
    with running(project, port) as selling, visit(selling) as person:
        log_in(person)
        assert prices_at_stripe(person)
        selling.press_ctrl_c()
    record_property("projects that begin to sell", 1)
