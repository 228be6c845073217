"""Each stack is started as its owner starts it, used as a person uses it, and stopped."""

import html
import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.boot.journeys import JOURNEYS, visit
from tests.boot.running import STARTS, free_port, processes_of, running
from tests.boot.shop import prices_at_stripe
from tests.counting import Record
from tests.hostile import HOSTILE
from tests.projects import environment
from tests.questions import CHOICES, MOST
from tests.template import commit_all, run_copier


@pytest.fixture(scope="module")
def projects(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A fresh project of each stack; the hybrid one has hostile names."""
    folder = tmp_path_factory.mktemp("boot")
    for stack in CHOICES["stack"]:
        names = HOSTILE if stack == "hybrid" else {}
        run_copier(repository, folder / stack, answers={"stack": stack, **MOST, **names})
        commit_all(folder / stack)
    return {stack: folder / stack for stack in CHOICES["stack"]}


@pytest.mark.parametrize("stack", CHOICES["stack"])
def test_a_stack_serves_a_person_and_keeps_the_data(
    stack: str, projects: dict[str, Path], record_property: Record
) -> None:
    project, port = projects[stack], free_port()
    sign_up, log_in, more = JOURNEYS[stack]

    with running(project, port) as first, visit(first) as person:
        names = json.loads((project / "core/project.json").read_text(encoding="utf-8"))
        assert html.escape(names["name"]) in person.get("/").text
        sign_up(person)
        log_in(person)
        more(person)
        assert f"  Stripe   {first.origin}/dev/stripe\n" in first.said()
        sold = prices_at_stripe(person)
        assert sold
        first.press_ctrl_c()

    with running(project, port) as second, visit(second) as person:
        log_in(person)
        second.kill_runner()

    with running(project, port) as third, visit(third) as person:
        log_in(person)
        # Neither forgotten with the runner, nor made once more.
        assert prices_at_stripe(person) == sold
        third.press_ctrl_c()

    record_property("stacks booted", 1)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "http"}, "PORT must be a number"),
        ({"PORT": "{taken}"}, "Port {taken} is taken"),
        ({"PASSWORD_TIME_COST": "many"}, "PASSWORD_TIME_COST"),
    ],
)
def test_a_start_that_cannot_be_says_why(
    variables: dict[str, str], message: str, projects: dict[str, Path]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        filled = {name: value.format(taken=taken) for name, value in variables.items()}
        result = subprocess.run(
            ["uv", "run", "just", "dev"],
            cwd=projects["django"],
            env=environment(**filled),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STARTS,
            check=False,
        )
    assert result.returncode != 0
    assert message.format(taken=taken) in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert processes_of(projects["django"]) == []
