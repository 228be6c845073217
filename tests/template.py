"""Copies of this template as sources to generate from, and the two ways to generate."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.questions import ROOT

# What a person who makes commits has in their own configuration.
IDENTITY = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")


def copy_template(folder: Path) -> Path:
    """The template as it stands, without git and without what git ignores."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return folder


def git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", *IDENTITY, "-C", folder, *arguments], check=True, capture_output=True, text=True
    )
    return run.stdout.strip()


def commit_all(folder: Path, message: str = "Start") -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def make_repository(folder: Path, tag: str = "v1.0.0") -> Path:
    """The template as it stands, committed to a repository of its own and tagged."""
    copy_template(folder)
    commit_all(folder)
    git(folder, "tag", tag)
    return folder


def run_copier(
    source: str | Path,
    project: Path,
    *options: str,
    answers: dict[str, str] | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> None:
    """`copier copy`, as a person types it."""
    data = [f"--data={name}={value}" for name, value in (answers or {}).items()]
    command = [sys.executable, "-m", "copier", "copy", "--quiet", "--defaults", *options, *data]
    _run([*command, str(source), str(project)], cwd, env)


def run_cookiecutter(
    source: str | Path,
    folder: Path,
    *options: str,
    answers: dict[str, str] | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> Path:
    """`cookiecutter`, as a person types it; the new project in `folder`."""
    data = [f"{name}={value}" for name, value in (answers or {}).items()]
    # Cookiecutter keeps clones and answers in one place for all its runs: here, one for each.
    own = folder.parent / f"{folder.name}-own"
    own.mkdir()
    settings = {"cookiecutters_dir": str(own), "replay_dir": str(own)}
    (own / "config.yml").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "cookiecutter", f"--config-file={own / 'config.yml'}"]
    command += ["--no-input", f"--output-dir={folder}", *options]
    _run([*command, str(source), *data], cwd, env)
    (project,) = folder.iterdir()
    return project


def _run(command: list[str], cwd: Path | None, env: dict[str, str] | None) -> None:
    # The tools take PWD for the folder they were called in, as a shell leaves it.
    environment = os.environ | (env or {}) | {"PWD": str(cwd or Path.cwd())}
    run = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, f"{command}\n{run.stdout}\n{run.stderr}"
