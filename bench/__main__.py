"""Measures, prints, and writes docs/benchmarks.md."""

import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import httpx

from tests.boot.running import free_port, running
from tests.projects import run
from tests.questions import CHOICES, ROOT
from tests.template import commit_all, make_repository, run_cookiecutter, run_copier

RUNS = 5
PAGE = ROOT / "docs/benchmarks.md"
PAGE_TEXT = """\
# Benchmarks

Written by `uvx nox -s bench`. Read ratios rather than seconds: the machine is small, and other work
ran beside it.

{machine}, {tools}.

## Generating a project

The whole command, medians of {runs} runs in turn. The ceiling is Copier copying the same files with
nothing to ask and nothing to render; the target is at most 1.3 times that.

| stack | files | ceiling | Copier | Copier / ceiling | Cookiecutter |
| --- | --- | --- | --- | --- | --- |
{generated}

## From the generate command to the first page

Generate, commit, `uv run just dev`, first page: packages installed, servers started, tables made,
demo data loaded. Cold: every package is downloaded. The target is under 60 s with a warm package
cache.

| stack | cold cache | warm cache |
| --- | --- | --- |
{started}

## The outbox

In a Django project, with its own PostgreSQL (which waits for the disk) and Valkey. A transaction
that inserts one bare row, and one that asks for a task; tasks that do nothing and log nothing, two
worker processes, medians of three runs in turn; from the commit to the begin of the task when
nothing else waits.

| what | bare | outbox | ratio |
| --- | --- | --- | --- |
{outbox}
"""


def seconds(work: Callable[..., object], *arguments: object, **options: object) -> float:
    began = time.perf_counter()
    work(*arguments, **options)
    return time.perf_counter() - began


def generation(template: Path, folder: Path) -> list[str]:
    """Medians of runs in turn (A B C A B C), so that what else the machine does hits all alike."""
    rows = []
    for stack in CHOICES["stack"]:
        static = static_template(template, folder / f"static-{stack}", stack)
        answers = {"stack": stack}
        times: list[tuple[float, float, float]] = []
        for number in range(RUNS):
            out = folder / f"{stack}-{number}"
            ceiling = seconds(run_copier, static, out / "a")
            copier = seconds(run_copier, template, out / "b", answers=answers)
            cookies = seconds(run_cookiecutter, template, out / "c", answers=answers)
            times.append((ceiling, copier, cookies))
        ceiling, copier, cookies = (statistics.median(each) for each in zip(*times, strict=True))
        files = sum(path.is_file() for path in (folder / f"{stack}-0/b").rglob("*"))
        rows.append(
            f"| {stack} | {files} | {ceiling:.2f} s | {copier:.2f} s | {copier / ceiling:.2f} "
            f"| {cookies:.2f} s |"
        )
    return rows


def static_template(template: Path, folder: Path, stack: str) -> Path:
    """A template of the very files that a stack has, with nothing to ask and nothing to render."""
    run_copier(template, folder / "template", answers={"stack": stack})
    (folder / "template/.copier-answers.yml").unlink()
    (folder / "copier.yml").write_text("_subdirectory: template\n")
    commit_all(folder)
    return folder


def first_page(template: Path, project: Path, stack: str, cache: Path) -> float:
    """Seconds from the generate command until the first page came."""
    os.environ["UV_CACHE_DIR"] = str(cache)
    began = time.perf_counter()
    run_copier(template, project, answers={"stack": stack})
    commit_all(project)
    with running(project, free_port()) as started:
        httpx.get(f"{started.origin}/").raise_for_status()
        taken = time.perf_counter() - began
        started.press_ctrl_c()
    return taken


def starting(template: Path, folder: Path) -> list[str]:
    """The cold run fills the cache that the warm run uses."""
    rows = []
    for stack in CHOICES["stack"]:
        cache = folder / f"{stack}-cache"
        cold, warm = (first_page(template, folder / stack / n, stack, cache) for n in "ab")
        rows.append(f"| {stack} | {cold:.0f} s | {warm:.0f} s |")
        shutil.rmtree(cache)
    return rows


def outbox(template: Path, project: Path) -> list[str]:
    """What a task costs that is never lost, beside what it costs without."""
    run_copier(template, project, answers={"stack": "django"})
    shutil.copy(ROOT / "bench/in_project/bench_outbox.py", project)
    command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "bench_outbox.py")
    figures = run(project, *command).stdout.splitlines()[-1]
    bare, asked, plain, through, p50, p99 = json.loads(figures)
    return [
        f"| asking, one transaction | {bare:.0f} us | {asked:.0f} us | {asked / bare:.2f} |",
        f"| tasks a second | {plain:.0f} | {through:.0f} | {through / plain:.2f} |",
        f"| commit to begin, p50 | | {p50:.1f} ms | |",
        f"| commit to begin, p99 | | {p99:.1f} ms | |",
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        template = make_repository(folder / "boring-saas")
        generated, started = generation(template, folder), starting(template, folder)
        measured = outbox(template, folder / "outbox")
    tools = f"Copier {version('copier')}, Cookiecutter {version('cookiecutter')}"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    text = PAGE_TEXT.format(
        machine=machine,
        tools=tools,
        runs=RUNS,
        generated="\n".join(generated),
        started="\n".join(started),
        outbox="\n".join(measured),
    )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
