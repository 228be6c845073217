import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.counting import Record
from tests.questions import CHANGES_CODE, CHANGES_TEXT, CHOICES, QUESTIONS, combinations, label
from tests.render.files import SYNTAX, check_parses, files, has_template_syntax, rendered_files
from tests.template import git

Trees = dict[str, Path]

# Paths that only some answers bring.
ONLY_WITH: dict[str, dict[str, tuple[str, ...]]] = {
    "web": {"stack": ("django", "hybrid")},
    "tests/web": {"stack": ("django", "hybrid")},
    "manage.py": {"stack": ("django", "hybrid")},
    "service": {"stack": ("fastapi", "hybrid")},
    "tests/service": {"stack": ("fastapi", "hybrid")},
    "service/accounts/models.py": {"stack": ("fastapi", "hybrid")},
    "service/accounts/routes": {"stack": ("fastapi",)},
    "service/teams/scope.py": {"stack": ("fastapi", "hybrid")},
    "service/teams/routes": {"stack": ("fastapi",)},
    "service/migrations": {"stack": ("fastapi",)},
    "service/fanout": {"stack": ("fastapi", "hybrid")},
    "sandbox/sources": {"stack": ("fastapi", "hybrid")},
    "docs/fanout.md": {"stack": ("fastapi", "hybrid")},
    "docs/streams.md": {"stack": ("fastapi", "hybrid")},
    "service/whoami": {"stack": ("hybrid",)},
    "core/billing": {"billing": ("stripe",)},
    "core/product/plans.py": {"billing": ("stripe",)},
    "docs/billing.md": {"billing": ("stripe",)},
    "sandbox/stripe": {"billing": ("stripe",)},
    "service/billing/models.py": {"billing": ("stripe",), "stack": ("fastapi", "hybrid")},
    "service/webhooks/models.py": {"stack": ("fastapi", "hybrid")},
    "tests/core/billing": {"billing": ("stripe",)},
    "tests/sandbox/stripe": {"billing": ("stripe",)},
    "web/billing": {"billing": ("stripe",), "stack": ("django", "hybrid")},
    "web/webhooks": {"stack": ("django", "hybrid")},
    "core/assistant": {"assistant": ("yes",)},
    "sandbox/llm": {"assistant": ("yes",)},
    "service/assistant": {"assistant": ("yes",)},
    "tests/core/assistant": {"assistant": ("yes",)},
    "tests/sandbox/llm": {"assistant": ("yes",)},
    "web/assistant": {"assistant": ("yes",), "stack": ("hybrid",)},
    "web/templates/assistant": {"assistant": ("yes",), "stack": ("hybrid",)},
    "tests/web/assistant": {"assistant": ("yes",), "stack": ("hybrid",)},
    ".github": {"ci": ("github",)},
    ".gitlab-ci.yml": {"ci": ("gitlab",)},
}
ALWAYS = (".copier-answers.yml", "core", "pyproject.toml", "sandbox", "tests", "justfile")
PACKAGES = ("core", "sandbox", "service", "web")
# What a project that answered no has no word of.
SPEAKS_OF = {
    "billing": re.compile("stripe|billing", re.IGNORECASE),
    "assistant": re.compile(r"assistant|\bllm\b", re.IGNORECASE),
}
# Files that mean something by being there.
MAY_BE_EMPTY = ("__init__.py", "py.typed")


def test_every_choice_question_is_declared() -> None:
    assert set(CHANGES_CODE) | set(CHANGES_TEXT) == set(CHOICES)


def test_all_combinations_render(trees: Trees, record_property: Record) -> None:
    expected = 1
    for choices in CHOICES.values():
        expected *= len(choices)
    # Django alone is not asked about an assistant.
    expected -= expected // len(CHOICES["stack"]) // len(CHOICES["assistant"])
    assert len(trees) == expected
    for answers in combinations():
        project = json.loads((trees[label(answers)] / "core/project.json").read_text())
        assert project["name"] == QUESTIONS["project_name"]["default"]
    record_property("combinations rendered", len(trees))


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_all_trees_pass_ruff_with_their_own_configuration(trees: Trees, command: list[str]) -> None:
    folder = next(iter(trees.values())).parent
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_all_files_parse(trees: Trees) -> None:
    for project in trees.values():
        for path in files(project):
            check_parses(path)


def test_no_template_syntax_is_left(trees: Trees) -> None:
    for project in trees.values():
        for path in files(project):
            assert not SYNTAX.search(path.name), path
            assert path.suffix != ".jinja", path
        for path in rendered_files(project):
            assert not has_template_syntax(path), path


def test_nothing_is_empty(trees: Trees) -> None:
    for project in trees.values():
        for path in project.rglob("*"):
            if path.is_dir():
                assert any(path.iterdir()), path
            else:
                assert path.stat().st_size or path.name in MAY_BE_EMPTY, path


def test_lines_end_as_they_should(trees: Trees) -> None:
    for project in trees.values():
        for path in rendered_files(project):
            text = path.read_bytes()
            assert text.endswith(b"\n"), path
            assert not text.endswith(b"\n\n"), path
            assert b"\r" not in text, path


def test_each_answer_brings_its_paths_and_no_others(trees: Trees) -> None:
    for answers in combinations():
        project = trees[label(answers)]
        for path in ALWAYS:
            assert (project / path).exists(), project / path
        for path, condition in ONLY_WITH.items():
            wanted = all(answers.get(name) in values for name, values in condition.items())
            assert (project / path).exists() == wanted, project / path


@pytest.mark.parametrize(("question", "no"), [("billing", "none"), ("assistant", "no")])
def test_who_answered_no_has_no_word_of_it(trees: Trees, question: str, no: str) -> None:
    for answers in combinations():
        if answers.get(question, no) != no:
            continue
        project = trees[label(answers)]
        for path in files(project):
            assert not SPEAKS_OF[question].search(str(path.relative_to(project))), path
            text = path.read_text(encoding="utf-8", errors="replace")
            if path.name == ".copier-answers.yml":
                text = re.sub(f"^{question}: '?{no}'?\n", "", text, flags=re.MULTILINE)
            assert not SPEAKS_OF[question].search(text), path


@pytest.mark.parametrize("code", combinations(CHANGES_CODE), ids=label)
def test_nothing_imports_what_is_absent(trees: Trees, code: dict[str, str]) -> None:
    project = tree_of(trees, code)
    for path in project.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                assert is_there(project, node.module), f"{path} imports {node.module}"


def tree_of(trees: Trees, code: dict[str, str]) -> Path:
    """One of the trees with these answers."""
    return next(trees[label(each)] for each in combinations() if code.items() <= each.items())


def is_there(project: Path, module: str) -> bool:
    package, *rest = module.split(".")
    path = project.joinpath(package, *rest)
    return package not in PACKAGES or path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("code", combinations(CHANGES_CODE), ids=label)
def test_git_takes_every_file(trees: Trees, code: dict[str, str], tmp_path: Path) -> None:
    project = tree_of(trees, code)
    shown = {str(path.relative_to(project)) for path in files(project)}
    git(tmp_path, "init", "--quiet")
    work_tree = [f"--git-dir={tmp_path / '.git'}", f"--work-tree={project}"]
    subprocess.run(["git", *work_tree, "add", "--all"], check=True, cwd=project)
    taken = subprocess.run(
        ["git", *work_tree, "ls-files", "-z"], check=True, capture_output=True, text=True
    )
    assert set(taken.stdout.split("\0")) - {""} == shown
