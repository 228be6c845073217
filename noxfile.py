"""What this repository promises, one session each. `uvx nox` runs them all and adds them up."""

import os
from pathlib import Path

import nox

os.environ["UV_PYTHON_DOWNLOADS"] = "never"  # use the interpreters that are here
nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.sessions = [
    "lint",
    "render",
    "frontends",
    "variants",
    "boot",
    "browser",
    "fuzz",
    "clients",
    "update",
    "summary",
]

WORK = Path(".work").absolute()  # git-ignored
COUNTS = WORK / "counts"
finished: list[str] = []  # in this run of nox


@nox.session
def lint(session: nox.Session) -> None:
    """The template's own tests, hooks and settings are clean."""
    install(session)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("pre-commit", "run", "--all-files", "--show-diff-on-failure")
    finished.append("lint")


@nox.session
def render(session: nox.Session) -> None:
    """Every combination of answers renders a clean tree; hostile answers are kept or refused."""
    # By files: in one of them, all tests look at trees that are rendered once.
    test(session, "--numprocesses=2", "--dist=loadfile")


@nox.session
def frontends(session: nox.Session) -> None:
    """Copier and Cookiecutter ask the same, write the same bytes, and say what to do if not."""
    test(session, "--numprocesses=2")


@nox.session
def variants(session: nox.Session) -> None:
    """Every combination that changes code passes its own `just check`, the day it is generated."""
    test(session, "--numprocesses=2")


@nox.session
def boot(session: nox.Session) -> None:
    """Every stack starts with one command, serves a person, and leaves nothing running."""
    test(session, "--numprocesses=2")


@nox.session
def browser(session: nox.Session) -> None:
    """In a real browser, passkeys and all that needs scripts work under the strict policy."""
    test(session)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Whatever is sent to the API of either framework, its answers are as documented."""
    test(session, "--numprocesses=2")


@nox.session
def clients(session: nox.Session) -> None:
    """The generated clients are typed, and programs that use them call a running project."""
    test(session, "--numprocesses=2")


@nox.session(default=False)
def fuzz_long(session: nox.Session) -> None:
    """The same with many more requests, and other ones each time."""
    session.env.update({"FUZZ_SEED": "", "FUZZ_EXAMPLES": "300"})
    install(session)
    session.run("pytest", "tests/fuzz", *session.posargs)


@nox.session(default=False)
def chaos(session: nox.Session) -> None:
    """Lives of subscriptions at random while processes die, with many seeds; prints counts.

    `uvx nox -s chaos -- -k hybrid`; CHAOS_SEEDS=1-40 and CHAOS_STEPS=60 say how much.
    """
    install(session)
    session.env["UV_PROJECT_ENVIRONMENT"] = None
    session.run("pytest", "tests/chaos", "-s", *session.posargs)


@nox.session
def update(session: nox.Session) -> None:
    """A project takes a newer template, or another stack, and keeps its edits and its data."""
    test(session, "--numprocesses=2")


@nox.session
def summary(session: nox.Session) -> None:
    """All of the above ran in this run of nox, and as much of it as there must be."""
    install(session)
    session.run("python", "-m", "tests.summary", str(COUNTS), *finished)


@nox.session(default=False, venv_backend="none")
def demo(session: nox.Session) -> None:
    """Generate a project and run it; `uvx nox -s demo -- django` chooses another stack."""
    (stack,) = session.posargs or ["hybrid"]
    project = WORK / "demo" / stack
    if not project.exists():
        tools = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "dev")
        copier = next(tool for tool in tools if tool.startswith("copier"))
        command = ["uvx", f"--from={copier}", "copier", "copy", "--defaults", "--vcs-ref=HEAD"]
        session.run(*command, f"--data=stack={stack}", ".", str(project))
    os.chdir(project)
    # In the place of this process, so that Ctrl-C goes to the project alone.
    os.execvp("uv", ["uv", "run", "just", "dev"])


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure how long generating takes and how soon the first page is there; writes docs."""
    install(session, "--group=bench")
    session.run("python", "-m", "bench", *session.posargs)


def install(session: nox.Session, *options: str) -> None:
    """The tools of pyproject.toml, in the session's environment; `uv run` uses it too."""
    session.env["UV_PROJECT_ENVIRONMENT"] = session.virtualenv.location
    python = f"--python={session.virtualenv.location}"
    session.run_install("uv", "sync", "--quiet", python, *options)


def test(session: nox.Session, *options: str) -> None:
    counts = COUNTS / f"{session.name}.json"
    counts.unlink(missing_ok=True)
    install(session)
    # A generated project has an environment of its own.
    session.env.update({"COUNTS": str(counts), "UV_PROJECT_ENVIRONMENT": None})
    session.run("pytest", f"tests/{session.name}", *options, *session.posargs)
    finished.append(session.name)
