"""A project made before a question was asked takes the version that asks it."""

import re
from pathlib import Path

import pytest
import yaml

from tests.counting import Record
from tests.projects import run
from tests.template import commit_all, git
from tests.update.owner import UPDATE, by_copier, conflicts, edit, edit_as_owner, version


@pytest.mark.parametrize(
    ("question", "stack", "brings"),
    [("assistant", "hybrid", "service/assistant"), ("billing", "django", "web/billing")],
)
def test_an_older_project_is_asked(
    question: str,
    stack: str,
    brings: str,
    template: Path,
    tmp_path: Path,
    record_property: Record,
) -> None:
    go_back_before(template, question)
    project = by_copier(template, tmp_path, stack)
    assert version(project) == "v1.1.0"
    assert question not in answers(project)
    assert not (project / brings).exists()
    commit_all(project)
    edit_as_owner(project, stack)
    git(template, "revert", "--no-edit", "HEAD")
    git(template, "tag", "v1.2.0")

    run(project, *UPDATE)

    assert conflicts(project) == ""
    assert version(project) == "v1.2.0"
    assert question in answers(project)
    assert (project / brings).exists()
    assert (project / "core/tokens.py").read_text(encoding="utf-8").endswith("OURS = True\n")
    record_property("questions that came later", 1)


def go_back_before(template: Path, question: str) -> None:
    """The version in which nobody was asked: nothing knows the question's flag, which is no."""
    asked = re.compile(rf"^(use_)?{question}:\n(?:(?: .*)?\n)*", re.MULTILINE)
    edit(template / "copier.yml", lambda text: asked.sub("", text))
    for path in (template / "copier.yml", *template.glob("template/**/*.jinja")):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"\buse_{question}\b", "false", text), encoding="utf-8")
    commit_all(template, "Before the question")
    git(template, "tag", "v1.1.0")


def answers(project: Path) -> dict[str, str]:
    found = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    return dict(found)
