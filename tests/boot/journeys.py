"""What a person does with each stack."""

import csv
import io
import re
from collections.abc import Callable

import httpx

from tests.boot.person import Person
from tests.boot.running import Running
from tests.boot.shop import subscribe

EMAIL, PASSWORD = "ann@example.com", "violet kettle marches on"
Journey = Callable[[Person], None]


def visit(project: Running) -> Person:
    return Person(project.origin, EMAIL, PASSWORD)


def sign_up_on_pages(person: Person) -> None:
    page = person.get("/account/signup/")
    asks_for_code = person.submit(page, email=person.email, password1=person.password)
    code = code_in(person.mail("confirm")["text"])
    person.submit(asks_for_code, path="confirm-email", code=code)
    assert person.mail("welcome")


def code_in(text: str) -> str:
    """The code that a mail asks to be typed in."""
    (code,) = re.findall(r"\b[A-Z]{4}-[A-Z]{4}\b", text)
    return str(code)


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
    answer = person.browser.post("/account/page-token/", headers=by_script(dashboard))
    token = answer.json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert person.get("/service/me", **bearer).json()["email"] == person.email
    person.submit(dashboard, path="logout")
    assert person.browser.get("/service/me", headers=bearer).status_code == 401


def by_script(page: httpx.Response) -> dict[str, str]:
    """What a page's script sends along, for the site to know that it is its own."""
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    return {"X-CSRFToken": token, "Referer": str(page.url)}


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


def work_on_pages(person: Person) -> None:
    """A project is made, found, exported, and what comes by mail opens as a spreadsheet.

    The export is part of a plan.
    """
    for name in ("Website", "=1+1"):
        person.submit(person.get("/projects/new/"), name=name)
    found = person.get("/projects/?search=WEB")
    assert "Website" in found.text
    assert "=1+1" not in found.text
    subscribe(person, **by_script(found))
    person.submit(found, path="export")
    assert exported(person) == ["Website", "'=1+1"]


def work_by_api(person: Person) -> None:
    """The same by API."""
    body = {"email": person.email, "password": person.password}
    token = person.post_json("/api/v1/auth/login", body)["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    (team,) = person.get("/api/v1/teams", **bearer).json()["items"]
    projects = f"/api/v1/teams/{team['id']}/projects"
    for name in ("Website", "=1+1"):
        person.post_json(projects, {"name": name}, **bearer)
    found = person.get(f"{projects}?search=WEB", **bearer).json()
    assert [project["name"] for project in found["items"]] == ["Website"]
    assert person.browser.post(f"{projects}/export", headers=bearer).status_code == 402
    subscribe(person, **bearer)
    assert person.browser.post(f"{projects}/export", headers=bearer).status_code == 202
    assert exported(person) == ["Website", "'=1+1"]


def exported(person: Person) -> list[str]:
    """The names in the file that was mailed."""
    (file,) = person.mail("projects of")["files"]
    text = person.get(file["path"]).content.decode("utf-8-sig")
    return [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def work_and_ask_the_service(person: Person) -> None:
    work_on_pages(person)
    ask_the_service(person)


JOURNEYS: dict[str, tuple[Journey, Journey, Journey]] = {
    "django": (sign_up_on_pages, log_in_on_pages, work_on_pages),
    "fastapi": (sign_up_by_api, log_in_by_api, work_by_api),
    "hybrid": (sign_up_on_pages, log_in_on_pages, work_and_ask_the_service),
}
