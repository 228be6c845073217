"""A project takes a newer template and keeps what its owner changed."""

from pathlib import Path

import pytest

from tests.counting import Record
from tests.projects import run
from tests.questions import CHOICES
from tests.template import commit_all
from tests.update.owner import (
    PRODUCT,
    UPDATE,
    Generate,
    by_cookiecutter,
    by_copier,
    conflicts,
    edit,
    edit_as_owner,
    release,
    version,
)


@pytest.mark.parametrize("generate", [by_copier, by_cookiecutter])
@pytest.mark.parametrize("stack", CHOICES["stack"])
def test_a_newer_template_merges(
    stack: str, generate: Generate, template: Path, tmp_path: Path, record_property: Record
) -> None:
    project = generate(template, tmp_path, stack)
    commit_all(project)
    edit_as_owner(project, stack)
    release(template, stack)

    run(project, *UPDATE)

    assert conflicts(project) == ""
    assert version(project) == "v1.1.0"
    product = (project / PRODUCT[stack] / "__init__.py").read_text(encoding="utf-8")
    assert product.endswith("OURS = True\n")
    assert "New in the template" not in product
    assert (project / "README.md").read_text(encoding="utf-8") == "# Ours alone\n"
    settings = (project / "pyproject.toml").read_text(encoding="utf-8")
    assert '"arrow>=1"' in settings
    assert '"humanize>=4"' in settings
    tokens = (project / "core/tokens.py").read_text(encoding="utf-8")
    assert tokens.startswith("# New in the template.\n")
    assert tokens.endswith("OURS = True\n")
    assert (project / "core/news.py").exists()
    record_property("updates", 1)


def test_what_the_owner_deleted_stays_deleted(
    template: Path, tmp_path: Path, record_property: Record
) -> None:
    project = by_copier(template, tmp_path, "django")
    (project / ".editorconfig").unlink()
    commit_all(project)
    edit(template / "template/.editorconfig", lambda text: text + "\n[*.sql]\nindent_size = 2\n")
    release(template, "django")

    run(project, *UPDATE)

    assert not (project / ".editorconfig").exists()
    record_property("updates", 1)
