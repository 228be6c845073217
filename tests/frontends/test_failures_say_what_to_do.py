import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.questions import ROOT, TEXTS


@pytest.fixture(scope="module")
def without_copier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with Cookiecutter and no Copier, and a PATH without anything that fetches one."""
    folder = tmp_path_factory.mktemp("without")
    version = next(line for line in pinned() if line.startswith("cookiecutter=="))
    run = ["uv", "venv", "--quiet", f"--python={sys.executable}", str(folder / "venv")]
    subprocess.run(run, check=True)
    python = str(folder / "venv/bin/python")
    subprocess.run(["uv", "pip", "install", "--quiet", f"--python={python}", version], check=True)
    (folder / "bin").mkdir()
    for program in (*Path("/bin").iterdir(), *Path("/usr/bin").iterdir()):
        link = folder / "bin" / program.name
        if program.name not in ("copier", "pipx", "uv", "uvx") and not link.is_symlink():
            link.symlink_to(program)
    return folder


def pinned() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(settings["dependency-groups"]["dev"])


def generate(
    cookiecutter: str | Path, template: Path, folder: Path, *options: str, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [cookiecutter, "--no-input", f"--output-dir={folder}", template, *options],
        env=env | {"HOME": str(folder.parent / "home")},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_copier_and_network_it_says_what_to_install(
    without_copier: Path, repository: Path, tmp_path: Path
) -> None:
    env = {"PATH": f"{without_copier}/bin", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nowhere"}
    project = tmp_path / "project"
    run = generate(without_copier / "venv/bin/cookiecutter", repository, project, env=env)
    assert run.returncode != 0
    (line,) = [line for line in run.stderr.splitlines() if line.startswith("Copier")]
    assert "could not be fetched (no network?)" in line
    assert "`python3 -m pip install 'copier>=9.10,<10'`" in line
    assert list(project.iterdir()) == []


def test_without_copier_uv_fetches_it(
    without_copier: Path, repository: Path, tmp_path: Path
) -> None:
    env = {**os.environ, "PATH": f"{without_copier}/bin", "UV": shutil.which("uv") or ""}
    cache = subprocess.run(["uv", "cache", "dir"], check=True, capture_output=True, text=True)
    env["UV_CACHE_DIR"] = cache.stdout.strip()
    project = tmp_path / "project"
    run = generate(without_copier / "venv/bin/cookiecutter", repository, project, env=env)
    assert run.returncode == 0, run.stderr
    assert (project / "my-saas/pyproject.toml").exists()


def test_without_hooks_it_says_to_accept_them(repository: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    run = generate("cookiecutter", repository, project, "--accept-hooks=no", env=dict(os.environ))
    assert run.returncode != 0
    assert "run Cookiecutter again with --accept-hooks yes" in run.stderr.splitlines()[-1]
    assert not project.exists()


@pytest.mark.parametrize("question", TEXTS)
def test_a_refused_answer_names_the_question_and_leaves_nothing(
    repository: Path, tmp_path: Path, question: str
) -> None:
    project = tmp_path / "project"
    answers = ["project_slug=acme", f"{question}= bad\n"]
    run = generate("cookiecutter", repository, project, *answers, env=dict(os.environ))
    assert run.returncode != 0
    assert any(line.startswith(f"{question} ") for line in run.stderr.splitlines()), run.stderr
    assert list(project.iterdir()) == []
