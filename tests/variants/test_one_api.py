"""Django and FastAPI serve the same API, as their OpenAPI documents tell: clients need not care."""

import json
from pathlib import Path
from typing import Any

from tests.counting import Record
from tests.projects import run
from tests.questions import MOST
from tests.template import run_copier

# Run in a generated project.
DJANGO = """
import json, django
django.setup()
from web.api.api import api
print(json.dumps(api.get_openapi_schema()))
"""
FASTAPI = """
import json
from service.main import app
print(json.dumps(app.openapi()))
"""
TABLE = """
import json
from core.api.table import ALL
print(json.dumps(sorted(ALL)))
"""
# What people do on Django's pages, programs do here in the stack that has no pages. An operation
# that is in no table and not below one of these is a difference. Beside Django, `/service` and
# `/assistant` belong to another process.
ONLY_FASTAPI = (
    *("/api/v1/auth/", "/api/v1/me", "/api/v1/sessions"),
    *("/healthz", "/readyz", "/service/", "/assistant/"),
)
Json = Any
# Names that each framework makes up itself, and references, which are written out.
NAMES = {"title", "$ref", "allOf"}


def answer(project: Path, code: str) -> Json:
    """What the code prints, in the project's environment."""
    command = ("uv", "run", "--quiet", "python", "-m", "sandbox.testing", "env")
    settings = "DJANGO_SETTINGS_MODULE=web.settings"
    printed = run(project, *command, settings, "python", "-c", code).stdout
    return json.loads(printed.splitlines()[-1])


def operations(document: dict[str, Any]) -> dict[str, Any]:
    """Each operation by its id, with all that it refers to written out."""
    return {
        route["operationId"]: {
            "path": path,
            "method": method,
            "summary": route.get("summary"),
            "description": route.get("description"),
            "tags": route.get("tags"),
            "security": route.get("security"),
            "parameters": sorted(
                (written_out(each, document) for each in route.get("parameters", [])),
                key=lambda each: (each["in"], each["name"]),
            ),
            "body": written_out(route.get("requestBody"), document),
            "responses": {
                str(status): written_out(response, document)
                for status, response in route["responses"].items()
            },
        }
        for path, routes in document["paths"].items()
        for method, route in routes.items()
    }


def written_out(part: Json, document: dict[str, Any]) -> Json:
    """The part without references, and without the names that frameworks make up."""
    if isinstance(part, list):
        return [written_out(each, document) for each in part]
    if not isinstance(part, dict):
        return part
    # With a default beside it, a reference is written in either of two ways.
    references = [part, *part.get("allOf", [])] if "properties" not in part else [part]
    found: dict[str, Any] = {}
    for reference in references:
        if isinstance(reference.get("$ref"), str):
            found |= written_out(referred(reference["$ref"], document), document)
    return found | {
        name: written_out(value, document)
        for name, value in part.items()
        # A property may be called so too.
        if not (name in NAMES and (isinstance(value, str) or name == "allOf"))
    }


def referred(reference: str, document: dict[str, Any]) -> Json:
    """What a reference within the document stands for."""
    found: Json = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_both_frameworks_serve_the_same_operations(
    repository: Path, tmp_path: Path, record_property: Record
) -> None:
    for stack in ("django", "fastapi"):
        run_copier(repository, tmp_path / stack, answers={"stack": stack, **MOST})
    table = answer(tmp_path / "django", TABLE)
    django = operations(answer(tmp_path / "django", DJANGO))
    fastapi = operations(answer(tmp_path / "fastapi", FASTAPI))
    assert sorted(django) == table
    assert set(table) <= set(fastapi)
    for name in table:
        assert django[name] == fastapi[name], name
    more = [each["path"] for name, each in fastapi.items() if name not in table]
    assert not [path for path in more if not path.startswith(ONLY_FASTAPI)]
    record_property("operations compared", len(table))
