"""A Django project with edits and data gets FastAPI beside it by one command.

What it then is, is what a hybrid project is that was generated as one; that its tests pass is tried
with every variant.
"""

from pathlib import Path

from tests.boot.journeys import ask_the_service, log_in_on_pages, sign_up_on_pages, visit
from tests.boot.running import free_port, running
from tests.counting import Record
from tests.projects import run
from tests.template import commit_all, git
from tests.update.owner import UPDATE, by_copier, conflicts, edit_as_owner, version


def test_one_command_adds_the_service_and_keeps_edits_and_data(
    template: Path, tmp_path: Path, record_property: Record
) -> None:
    project, port = by_copier(template, tmp_path, "django"), free_port()
    commit_all(project)
    edit_as_owner(project, "django")
    with running(project, port) as django, visit(django) as person:
        sign_up_on_pages(person)
        django.press_ctrl_c()
    commit_all(project, "Lock")

    run(project, *UPDATE, "--vcs-ref=:current:", "--data=stack=hybrid")

    assert conflicts(project) == ""
    assert version(project) == "v1.0.0"
    assert (project / "service/main.py").exists()
    assert (project / "README.md").read_text(encoding="utf-8") == "# Ours alone\n"
    for edited in ("web/product/__init__.py", "core/tokens.py"):
        assert (project / edited).read_text(encoding="utf-8").endswith("OURS = True\n")
    commit_all(project, "Hybrid")
    born = by_copier(template, tmp_path / "born", "hybrid")
    edit_as_owner(born, "hybrid")
    assert contents(project) == contents(born)
    run(project, "uv", "run", "just", "lint", "types", "imports", "migrations", "contract")
    run(project, "uv", "run", "pytest", "tests/product", "tests/web/authorization")
    with running(project, port) as hybrid, visit(hybrid) as person:
        log_in_on_pages(person)
        ask_the_service(person)
        hybrid.press_ctrl_c()
    record_property("stack changes", 1)


def contents(project: Path) -> dict[str, bytes]:
    """What is in git, but for what is written down of the generation itself and by uv."""
    names = git(project, "ls-files", "-z").split("\0")
    found = {name: (project / name).read_bytes() for name in names if name}
    return {name: found[name] for name in found.keys() - {".copier-answers.yml", "uv.lock"}}
