"""Each stack is started as its owner starts it, used as a person uses it, and stopped."""

import html
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boot.person import Person
from tests.boot.running import STARTS, Running, free_port, processes_of, running
from tests.counting import Record
from tests.hostile import HOSTILE
from tests.projects import environment
from tests.questions import CHOICES
from tests.template import commit_all, run_copier

EMAIL, PASSWORD = "ann@example.com", "violet kettle marches on"
Journey = Callable[[Person], None]


@pytest.fixture(scope="module")
def projects(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A fresh project of each stack; the hybrid one has hostile names."""
    folder = tmp_path_factory.mktemp("boot")
    for stack in CHOICES["stack"]:
        names = HOSTILE if stack == "hybrid" else {}
        run_copier(repository, folder / stack, answers={"stack": stack, **names})
        commit_all(folder / stack)
    return {stack: folder / stack for stack in CHOICES["stack"]}


def sign_up_on_pages(person: Person) -> None:
    page = person.get("/account/signup/")
    person.submit(page, email=person.email, password1=person.password)
    (link, *_) = person.mail("confirm")["links"]
    person.submit(person.get(link), path="confirm-email")
    assert person.mail("welcome")


def log_in_on_pages(person: Person) -> None:
    person.browser.cookies.clear()
    page = person.get("/account/login/")
    person.submit(page, login=person.email, password=person.password)
    dashboard = person.get("/dashboard/")
    assert dashboard.url.path == "/dashboard/"
    assert person.get("/api/v1/me").json()["email"] == person.email


def ask_the_service(person: Person) -> None:
    """The page of a signed-in person gets a token, which the service takes until logout."""
    dashboard = person.get("/dashboard/")
    token = person.browser.post(
        "/account/page-token/",
        headers={"X-CSRFToken": csrf_token(dashboard.text), "Referer": str(dashboard.url)},
    ).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert person.get("/service/me", **bearer).json()["email"] == person.email
    person.submit(dashboard, path="logout")
    assert person.browser.get("/service/me", headers=bearer).status_code == 401


def csrf_token(text: str) -> str:
    return text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


def sign_up_by_api(person: Person) -> None:
    body = {"email": person.email, "password": person.password, "name": "Ann"}
    person.post_json("/api/v1/auth/register", body)
    (link, *_) = person.mail("confirm")["links"]
    person.submit(person.get(link))
    assert person.mail("welcome")


def log_in_by_api(person: Person) -> None:
    body = {"email": person.email, "password": person.password}
    token = person.post_json("/api/v1/auth/login", body)["token"]
    me = person.get("/api/v1/me", Authorization=f"Bearer {token}").json()
    assert me["email"] == person.email
    assert person.browser.get("/api/v1/me").status_code == 401


def nothing_more(person: Person) -> None:
    assert person.get("/readyz").is_success


JOURNEYS: dict[str, tuple[Journey, Journey, Journey]] = {
    "django": (sign_up_on_pages, log_in_on_pages, nothing_more),
    "fastapi": (sign_up_by_api, log_in_by_api, nothing_more),
    "hybrid": (sign_up_on_pages, log_in_on_pages, ask_the_service),
}


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
        first.press_ctrl_c()

    with running(project, port) as second, visit(second) as person:
        log_in(person)
        second.kill_runner()

    with running(project, port) as third, visit(third) as person:
        log_in(person)
        third.press_ctrl_c()

    record_property("stacks booted", 1)


def visit(project: Running) -> Person:
    return Person(project.origin, EMAIL, PASSWORD)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PORT": "http"}, "PORT must be a number"),
        ({"PORT": "{taken}"}, "Port {taken} is taken"),
        ({"TRUSTED_PROXY_COUNT": "many"}, "TRUSTED_PROXY_COUNT"),
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
