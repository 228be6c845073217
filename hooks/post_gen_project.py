#!/usr/bin/env python3
"""Let Copier render the project that Cookiecutter asked about.

One renderer writes the same bytes for both front ends, and leaves an answers file with which the
project can be updated. Cookiecutter renders this file and runs it in the new, empty project.
"""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

CONTEXT: dict[str, str | None] = json.loads(r"""{{ cookiecutter | tojson }}""")
COPIER = "copier>=9.10,<10"
OLDEST, TOO_NEW = (9, 10), (10, 0)
# What Cookiecutter clones. Anything else is a path or a person's own abbreviation.
ADDRESS = re.compile(r"(gh|gl):|git@|(git\+)?(https?|ssh|git|file)://")
# The addresses that Copier knows for repositories; it clones others when they begin with git+.
KNOWN = re.compile(r"(gh:|gl:|git@|git:|git\+|https://(github|gitlab)\.com/).*|.*\.git")
# An archive made by a code host, whose address tells where the repository is.
ARCHIVE = re.compile(r"(?P<repository>https?://.+?)(/-)?/(archive|zipball)/.+")
# Letters that YAML refuses. Escaped, they reach the validators, which name the question.
NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def main() -> None:
    repository = Path(CONTEXT["_repo_dir"] or "")
    answers: dict[str, object] = {
        name: value for name, value in CONTEXT.items() if not name.startswith("_")
    }
    origin = {"_src_path": source(repository), "_commit": commit(repository)}
    answers["template_origin"] = {name: value for name, value in origin.items() if value}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "answers.yml")
        text = json.dumps(answers, ensure_ascii=False)
        data.write_text(NOT_IN_YAML.sub(escaped, text), encoding="utf-8")
        copier = [*find_copier(Path(folder)), "copy", "--quiet", "--defaults", "--overwrite"]
        run = subprocess.run(
            [*copier, "--vcs-ref=HEAD", f"--data-file={data}", repository, "."],
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode:
        stop(reason(run.stderr))
    print_next_steps()


def escaped(letter: re.Match[str]) -> str:
    return f"\\u{ord(letter[0]):04x}"


def source(repository: Path) -> str:
    """Where the template came from, as `copier update` has to find it again."""
    template = CONTEXT["_template"] or ""
    if archive := ARCHIVE.fullmatch(template):
        return archive["repository"]
    if ADDRESS.match(template):
        return template if KNOWN.fullmatch(template) else f"git+{template}"
    path = Path(template).expanduser()
    if path.is_absolute():
        return str(path)
    # Nothing records where a relative path was typed, so look where that may have been.
    output = Path(CONTEXT["_output_dir"] or "")
    for folder in (Path(os.environ.get("PWD", output)), output, *output.parents):
        candidate = folder / path
        if candidate.is_file() or same_template(candidate, repository):
            return str(candidate.resolve())
    return git(repository, "config", "remote.origin.url") or template


def same_template(candidate: Path, repository: Path) -> bool:
    theirs, ours = candidate / "copier.yml", repository / "copier.yml"
    return theirs.is_file() and theirs.read_bytes() == ours.read_bytes()


def commit(repository: Path) -> str:
    """The template's commit, as Copier writes it; '' where nothing tells."""
    if (repository / ".git").exists():
        return git(repository, "describe", "--tags", "--always")
    archival = (repository / ".git_archival.txt").read_text(encoding="utf-8")
    facts = dict(line.split(": ", 1) for line in archival.splitlines() if ": " in line)
    if "$Format" in archival:
        return ""
    return facts.get("describe-name") or facts["node"]


def git(repository: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", "-C", repository, *arguments], capture_output=True, text=True, check=False
    )
    return run.stdout.strip()


def find_copier(folder: Path) -> list[str]:
    """A command that runs a Copier in range, fetched into `folder` or a tool's cache if need be."""
    for get, command in ways_to_copier(folder):
        if not get or subprocess.run(get, capture_output=True, check=False).returncode == 0:
            return command
    return stop(
        "Copier writes this project's files, and it could not be fetched (no network?). "
        f"Install it with `python3 -m pip install '{COPIER}'`, then run the same command again."
    )


def ways_to_copier(folder: Path) -> Iterator[tuple[list[str], list[str]]]:
    """Pairs of a command that gets Copier and one that runs it, the cheapest way first."""
    try:
        release = importlib.metadata.version("copier").split(".")
    except importlib.metadata.PackageNotFoundError:
        release = ["0", "0"]
    if OLDEST <= (int(release[0]), int(release[1])) < TOO_NEW:
        yield [], [sys.executable, "-m", "copier"]
    if uv := os.environ.get("UV") or shutil.which("uv"):
        tool = [uv, "tool", "run", "--from", COPIER]
        yield [*tool, "python", "-c", ""], [*tool, "copier"]
    if pipx := shutil.which("pipx"):
        tool = [pipx, "run", "--spec", COPIER, "copier"]
        yield [*tool, "--version"], tool
    try:
        venv.create(folder / "venv", with_pip=True)
    except (OSError, subprocess.CalledProcessError):  # a Python without ensurepip
        return
    python = str(folder / "venv" / "bin" / "python")
    yield [python, "-m", "pip", "install", COPIER], [python, "-m", "copier"]


def reason(stderr: str) -> str:
    """Copier's last line, which is what went wrong; the traceback above it helps nobody."""
    line = (stderr.strip().splitlines() or ["Copier failed and did not say why."])[-1]
    return re.sub(r"^\w+Error: (Validation error for question '\w+': )?", "", line)


def stop(message: str) -> NoReturn:
    sys.exit(f"\n{message}")


def print_next_steps() -> None:
    project = os.path.relpath(Path.cwd(), os.environ.get("PWD", CONTEXT["_output_dir"]))
    print(
        f"\n{CONTEXT['project_name']} is in {project}. Next:\n\n"
        f"  cd {project}\n"
        "  uv run just openapi\n"
        '  git init && git add -A && git commit -m "Start"\n'
        "  uv run just dev\n"
    )


if __name__ == "__main__":
    main()
