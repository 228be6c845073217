"""Run a generated project's own commands as its owner does, with nothing of ours around them."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

# What our own environment, or the machine's, would decide for the project.
NOT_OURS = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_PROJECT", "PYTHONPATH", "PORT",
            "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SECRET_KEY", "ENVIRONMENT",
            "TEST_DATABASE_URL", "TEST_REDIS_URL", "PYTEST_ADDOPTS",
            "PYTHONDONTWRITEBYTECODE",
            # With it a project has to have committed its openapi.json; a fresh one has none.
            "CI")  # fmt: skip

HANGS = 2400.0  # seconds; the longest checks take a third of it on a busy machine


def environment(python: str = "", **more: str) -> dict[str, str]:
    """This process's environment without what belongs to the template's tests."""
    kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    kept |= {"UV_PYTHON_DOWNLOADS": "never"}
    if python:
        kept["UV_PYTHON"] = python
    return kept | more


def run(
    project: Path, *command: str, python: str = "", check: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in the project; one that hangs is ended with all that it started."""
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment(python, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=HANGS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if check:
        assert process.returncode == 0, f"{' '.join(command)}\n{output[-20_000:]}"
    return subprocess.CompletedProcess(command, process.returncode, output)


def interpreters() -> dict[str, str]:
    """Other Pythons of this machine, by version; on PATH or made by pyenv."""
    found = {}
    for version in ("3.12", "3.13"):
        made = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        candidates = [*map(str, made), shutil.which(f"python{version}")]
        for candidate in filter(None, candidates):
            says = subprocess.run(
                [candidate, "--version"], capture_output=True, text=True, check=False
            )
            if says.stdout.startswith(f"Python {version}."):
                found[version] = candidate
                break
    return found
