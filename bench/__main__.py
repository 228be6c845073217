"""Measures, prints, and writes docs/benchmarks.md."""

import json
import os
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from bench import plots
from tests.boot.running import free_port, running
from tests.projects import run
from tests.questions import CHOICES, ROOT
from tests.template import commit_all, make_repository, run_cookiecutter, run_copier

RUNS = 5
PAGE = ROOT / "docs/benchmarks.md"
HEAD = """\
# Benchmarks

Written by `uvx nox -s bench`; `uvx nox -s bench -- outbox` measures that part again and keeps the
rest. Read ratios rather than seconds: the machine is small, and other work ran beside it.

{machine}, {tools}.
"""
GENERATING = """\
## Generating a project

The whole command, medians of {runs} runs in turn. The ceiling is Copier copying the same files with
nothing to ask and nothing to render; the target is at most 1.3 times that.

| stack | files | ceiling | Copier | Copier / ceiling | Cookiecutter |
| --- | --- | --- | --- | --- | --- |
{rows}
"""
STARTING = """\
## From the generate command to the first page

Generate, commit, `uv run just dev`, first page: packages installed, servers started, tables made,
demo data loaded. Cold: every package is downloaded. The target is under 60 s with a warm package
cache.

| stack | cold cache | warm cache |
| --- | --- | --- |
{rows}
"""
OUTBOX = """\
## The outbox

In a Django project, with its own PostgreSQL (which waits for the disk) and Valkey. A transaction
that inserts one bare row, and one that asks for a task; tasks that do nothing and log nothing, two
worker processes, medians (and extremes) of five runs in turn, and the processor time that all
processes spend on one of them; from the commit to the begin of the task when nothing else waits.
The target is at least half of the tasks a second.

| what | bare | outbox | ratio |
| --- | --- | --- | --- |
{rows}
"""
FANOUT = """\
## Fan-out

A request that asks five upstreams, each of which takes 100 ms and is a host of its own: aiohttp and
`gather` alone in a bare FastAPI; `service.fanout` in the same; and the product's example in the
whole service, with a token, a team, three queries and a line of logs for each call. One process of
granian each; upstreams and callers run beside it on the same cores. Medians (and extremes) of five
runs in turn. The target of a fan-out is at most 115 ms for one caller, and at least 250 requests a
second for 32, who could get 320 if nothing took any time.

| what | bare | `service.fanout` | whole service |
| --- | --- | --- | --- |
{rows}
"""
WEBHOOKS = """\
## Taking in webhooks

In a hybrid project, with its own PostgreSQL (which waits for the disk) and Valkey, one worker
process of Granian each, 16 connections over loopback; events are signed, all new, and as large as
Stripe's. The least: an ASGI function that verifies and inserts one row. The service and Django's
view verify, and store the event with the task that handles it, in one statement. As in tutorials:
`construct_event`, `get_or_create` and `delay()`, by Django. Medians (and extremes) of {runs} runs
in turn; processor time of one request, of the server and of the database. The sender shares the
cores.

![Requests a second, in bars](plots/webhooks.svg)

| what | requests a second | p50, ms | p99, ms | server, us each | database, us each |
| --- | --- | --- | --- | --- | --- |
{rows}
"""
STREAMS = """\
## Streams

{runs} rounds in turn of 500 answers of a language model at once, each of 50 tokens 20 ms apart,
which the model begins when all have asked: one second at best. Hand-written relays know nobody and
pass bytes on: an ASGI function, FastAPI's `StreamingResponse`, Django's `StreamingHttpResponse`,
async and with threads. The whole service asks for a token, a team and its limits, keeps what is
said, and writes events of its own. One process of Granian each; the model and the listeners run
beside it on the same cores, and what they hear of the model itself is the first row. From the first
token of all to the last; the gap from one token to the next; processor time of a stream with its
beginning and its end, and of a token in the middle of 100 long streams. The target is at most twice
the model's own time, and at most 1.5 times a token's processor time in the ASGI function. Medians
(and extremes); threads once.

![Seconds until all streams ended, in bars](plots/streams.svg)

| who passes it on | all, s | to the model's | p99 gap, ms | stream, ms | token, us | to ASGI's |
| --- | --- | --- | --- | --- | --- | --- |
{rows}
"""
READS = """\
## Reading with a token

A request with a bearer token, answered with what the database knows. The service's `/service/me`
and Django's `/api/v1/me` in a hybrid project, a list through SQLAlchemy in a FastAPI project, each
beside the least: a bare FastAPI with psycopg, a bare django-ninja, a bare FastAPI with SQLAlchemy.
Each least asks the same: FastAPI's by the same text, django-ninja's as one writes it, through the
ORM, which composes the statement each time. The whole keeps it, and so may be cheaper.
One worker process of Granian each, over loopback; the callers share the cores. The first table is
of 16 connections, medians (and extremes) of {runs} runs in turn; the ratio is of the server's
processor time, the least over the whole. The targets are at least 0.7 for the service, 0.8 for
Django and 0.85 with SQLAlchemy; at 128 connections no error and at least 0.8 of the requests a
second at 16; no connection to the database that is opened anew; and beside two clients who log in
without pause at most three times the middle of the time alone.

![Requests a second, in bars](plots/reads.svg)

{rows}
"""
VIEWS = ("web/webhooks/views.py", "web/webhooks/urls.py")  # Django's, which hybrid leaves out
SETTINGS = "from web.settings import *\n\nROOT_URLCONF = 'bench_urls'\n"
URLS = """\
from bench_webhooks import tutorial
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

urlpatterns = [
    path("tutorial", csrf_exempt(tutorial)), path("", include("web.webhooks.urls"))
]
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


def outbox(template: Path, folder: Path) -> list[str]:
    """What a task costs that is never lost, beside what it costs without."""
    project = folder / "project"
    run_copier(template, project, answers={"stack": "django"})
    shutil.copy(ROOT / "bench/in_project/bench_outbox.py", project)
    command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "bench_outbox.py")
    figures = run(project, *command).stdout.splitlines()[-1]
    bare, asked, rounds, p50, p99 = json.loads(figures)
    plain, cpu, through, cpu_through = zip(*rounds, strict=True)
    return [
        f"| asking, one transaction | {bare:.0f} us | {asked:.0f} us | {asked / bare:.2f} |",
        compared("tasks a second", plain, through),
        compared("processor time of one, us", cpu, cpu_through),
        f"| commit to begin, p50 | | {p50:.1f} ms | |",
        f"| commit to begin, p99 | | {p99:.1f} ms | |",
    ]


def fanout(template: Path, folder: Path) -> list[str]:
    """What the helper costs beside the calls themselves, and what people get of it."""
    project = folder / "project"
    run_copier(template, project, answers={"stack": "fastapi"})
    shutil.copy(ROOT / "bench/in_project/bench_fanout.py", project)
    command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "bench_fanout.py")
    rounds = json.loads(run(project, *command).stdout.splitlines()[-1])
    whats = ("one caller, ms", "32 callers, requests a second", "processor time of one, ms")
    rows = []
    for number, (what, places) in enumerate(zip(whats, (0, 0, 1), strict=True)):
        figures = [[each[target][number] for each in rounds] for target in range(3)]
        cells = (spread(each, places) for each in figures)
        rows.append(f"| {what} | {' | '.join(cells)} |")
    return rows


def webhooks(template: Path, folder: Path) -> list[str]:
    """What it costs to take an event in, by whom."""
    project = folder / "project"
    run_copier(template, project, answers={"stack": "hybrid", "billing": "stripe"})
    for view in VIEWS:
        shutil.copy(ROOT / "template" / view, project / view)
    (project / "bench_settings.py").write_text(SETTINGS)
    (project / "bench_urls.py").write_text(URLS)
    shutil.copy(ROOT / "bench/in_project/bench_webhooks.py", project)
    command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "bench_webhooks.py")
    figures = json.loads(run(project, *command).stdout.splitlines()[-1])
    names = {
        "bare": "the least",
        "service": "FastAPI's service",
        "view": "Django's view",
        "tutorial": "as in tutorials",
    }
    rows = []
    for name, said in names.items():
        columns = zip(zip(*figures[name], strict=True), (0, 1, 1, 0, 0), strict=True)
        cells = (spread(column, places) for column, places in columns)
        rows.append(f"| {said} | {' | '.join(cells)} |")
    return rows


def streams(template: Path, folder: Path) -> list[str]:
    """What it costs to pass tokens on, by whom."""
    project = folder / "project"
    answers = {"stack": "hybrid", "billing": "none", "assistant": "yes"}
    run_copier(template, project, answers=answers)
    shutil.copy(ROOT / "bench/in_project/bench_streams.py", project)
    command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "bench_streams.py")
    figures = json.loads(run(project, *command).stdout.splitlines()[-1])
    names = {
        "direct": "nobody: the model itself",
        "bare": "an ASGI function",
        "fastapi": "FastAPI",
        "django": "Django, async",
        "threads": "Django, 8 threads",
        "service": "the whole service",
    }
    own = statistics.median(taken for taken, _, _ in figures["streams"]["direct"])
    least = statistics.median(figures["tokens"]["bare"])
    rows = []
    for name, said in names.items():
        taken, gaps, each = zip(*figures["streams"][name], strict=True)
        cells = [spread(taken, 2), f"{statistics.median(taken) / own:.2f}", spread(gaps)]
        cells += [spread(each, 1)] if name != "direct" else [""]
        tokens = figures["tokens"].get(name)
        over = f"{statistics.median(tokens) / least:.2f}" if tokens else ""
        cells += [spread(tokens, 1) if tokens else "", over]
        rows.append(f"| {said} | {' | '.join(cells)} |")
    return rows


COSTS = (
    "| what | requests a second | p50, ms | p99, ms | server, us each | ratio |",
    "| --- | --- | --- | --- | --- | --- |",
)
CROWDS = (
    "",
    "| what | 16 connections, a second | 128 connections | ratio | errors | opened in 1,000 |",
    "| --- | --- | --- | --- | --- | --- |",
)
LOGINS = (
    "",
    "| what | alone, p50, ms | beside logins | ratio |",
    "| --- | --- | --- | --- |",
)


def reads(template: Path, folder: Path) -> list[str]:
    """What an authenticated read costs, beside the least that it can."""
    found: dict[str, dict[str, Any]] = {"costs": {}, "crowds": {}}
    for stack in ("hybrid", "fastapi"):
        project = folder / stack
        run_copier(template, project, answers={"stack": stack})
        shutil.copytree(ROOT / "bench/in_project/reads", project / "reads")
        command = ("uv", "run", "python", "-m", "sandbox.testing", "python", "-m", "reads.measure")
        figures = json.loads(run(project, *command).stdout.splitlines()[-1])
        found["costs"] |= figures["costs"]
        found["crowds"] |= figures["crowds"]
        found["logins"] = figures.get("logins", {})
    return [*COSTS, *cost_rows(found["costs"]), *CROWDS, *crowd_rows(found["crowds"]),
            *LOGINS, login_row(found["logins"])]  # fmt: skip


def cost_rows(figures: dict[str, list[list[float]]]) -> list[str]:
    """Each whole beside the least of its kind."""
    rows = []
    for least, whole, said in (
        ("bare", "service", "the service"),
        ("web-bare", "web", "Django"),
        ("orm-bare", "orm", "SQLAlchemy"),
    ):
        middle = [statistics.median(each[3] for each in figures[name]) for name in (least, whole)]
        for name, what, ratio in (
            (least, f"{said}, the least", ""),
            (whole, said, f" {middle[0] / middle[1]:.2f}"),
        ):
            columns = zip(zip(*figures[name], strict=True), (0, 1, 1, 0), strict=True)
            cells = " | ".join(spread(column, places) for column, places in columns)
            rows.append(f"| {what} | {cells} |{ratio} |")
    return rows


def crowd_rows(figures: dict[str, dict[str, float]]) -> list[str]:
    """Many connections against few."""
    names = {"service": "the service", "web": "Django", "orm": "SQLAlchemy"}
    return [
        f"| {names[name]} | {each['16']:.0f} | {each['128']:.0f} | {each['128'] / each['16']:.2f} "
        f"| {each['errors']:.0f} | {each['opened']:.1f} |"
        for name, each in figures.items()
    ]


def login_row(figures: dict[str, list[float]]) -> str:
    """A read while others log in."""
    alone, beside = (statistics.median(figures[name]) for name in ("alone", "beside"))
    cells = f"{spread(figures['alone'], 1)} | {spread(figures['beside'], 1)}"
    return f"| FastAPI's `/api/v1/me` | {cells} | {beside / alone:.1f} |"


def compared(what: str, bare: Sequence[float], outbox: Sequence[float]) -> str:
    """Medians, with the least and the most of all runs."""
    middle = [statistics.median(each) for each in (bare, outbox)]
    return f"| {what} | {spread(bare)} | {spread(outbox)} | {middle[1] / middle[0]:.2f} |"


def spread(figures: Sequence[float], places: int = 0) -> str:
    """The median, with the least and the most."""
    least, most = min(figures), max(figures)
    return f"{statistics.median(figures):.{places}f} ({least:.{places}f}-{most:.{places}f})"


PARTS = {
    "generation": (GENERATING, generation),
    "starting": (STARTING, starting),
    "outbox": (OUTBOX, outbox),
    "fanout": (FANOUT, fanout),
    "webhooks": (WEBHOOKS, webhooks),
    "reads": (READS, reads),
    "streams": (STREAMS, streams),
}


def main(chosen: list[str]) -> None:
    """Measure the chosen parts, or all; the page keeps what it says of the others."""
    tools = f"Copier {version('copier')}, Cookiecutter {version('cookiecutter')}"
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    parts = re.split(r"\n(?=## )", PAGE.read_text(encoding="utf-8"))[1:]
    kept = {part.partition("\n")[0]: part for part in parts}
    sections = [HEAD.format(machine=machine, tools=tools)]
    with tempfile.TemporaryDirectory() as temporary:
        template = make_repository(Path(temporary) / "boring-saas")
        for name, (text, measure) in PARTS.items():
            if chosen and name not in chosen:
                # A part that was never measured comes once it is chosen.
                sections += [kept[heading]] if (heading := text.partition("\n")[0]) in kept else []
                continue
            folder = Path(temporary) / name
            folder.mkdir()
            sections.append(text.format(rows="\n".join(measure(template, folder)), runs=RUNS))
    PAGE.write_text("\n".join(sections), encoding="utf-8")
    plots.draw(PAGE.read_text(encoding="utf-8"))
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
