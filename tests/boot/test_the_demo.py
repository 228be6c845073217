"""The first command of README.md, as it stands there."""

import re
from pathlib import Path

from tests.boot.journeys import log_in_on_pages, sign_up_on_pages, visit
from tests.boot.running import free_port, running
from tests.questions import ROOT
from tests.template import git


def test_the_demo_runs_and_keeps_its_data(repository: Path, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (installs_uv, command) = re.findall(r"^(.*) && (uvx nox -s demo)$", readme, re.MULTILINE)[0]
    assert installs_uv == "python3 -m pip install uv"
    clone, port = tmp_path / "boring-saas", free_port()
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))

    with running(clone, port, *command.split()) as first, visit(first) as person:
        sign_up_on_pages(person)
        first.press_ctrl_c()

    with running(clone, port, *command.split()) as second, visit(second) as person:
        log_in_on_pages(person)
        second.press_ctrl_c()
