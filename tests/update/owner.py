"""What a project's owner and the template's makers do to its files."""

import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.projects import run
from tests.template import commit_all, git, run_cookiecutter, run_copier

ANCHOR = "    # Yours below this line.\n"
PRODUCT = {"django": "web/product", "fastapi": "service/product", "hybrid": "web/product"}
UPDATE = (sys.executable, "-m", "copier", "update", "--defaults", "--quiet")
Generate = Callable[[Path, Path, str], Path]


def by_copier(template: Path, folder: Path, stack: str, **answers: str) -> Path:
    project = folder / "my-saas"
    run_copier(f"git+file://{template}", project, answers={"stack": stack, **answers})
    return project


def by_cookiecutter(template: Path, folder: Path, stack: str) -> Path:
    address = f"git+file://{template}"
    cookies = folder / "cookies"
    return run_cookiecutter(address, cookies, "--checkout=v1.0.0", answers={"stack": stack})


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, f"the edit of {path} changed nothing"
    path.write_text(after, encoding="utf-8")


def edit_as_owner(project: Path, stack: str) -> None:
    """Edits of the owner's files and, which an update has to merge, of the template's."""
    edit(project / PRODUCT[stack] / "__init__.py", lambda text: text + "\nOURS = True\n")
    edit(project / "README.md", lambda _: "# Ours alone\n")
    edit(
        project / "pyproject.toml",
        lambda text: text.replace(ANCHOR, ANCHOR + '    "humanize>=4",\n', 1),
    )
    edit(project / "core/tokens.py", lambda text: text + "\n\nOURS = True\n")
    commit_all(project, "Our edits")


def release(template: Path, stack: str) -> None:
    """A newer version of the template, with changes beside all of those edits."""
    product = template / "template" / PRODUCT[stack] / "__init__.py"
    edit(product, lambda text: "# New in the template.\n" + text)
    edit(template / "template/README.md.jinja", lambda text: text + "\nNew in the template.\n")
    edit(
        template / "template/pyproject.toml.jinja",
        lambda text: text.replace("dependencies = [\n", 'dependencies = [\n    "arrow>=1",\n', 1),
    )
    edit(template / "template/core/tokens.py", lambda text: "# New in the template.\n" + text)
    (template / "template/core/news.py").write_text('"""New in the template."""\n')
    commit_all(template, "Newer")
    git(template, "tag", "v1.1.0")


def conflicts(project: Path) -> str:
    return run(project, "git", "grep", "-n", "-E", "^(<<<<<<<|>>>>>>>)", check=False).stdout


def version(project: Path) -> str:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    return str(answers["_commit"])
