"""Schemathesis sends what the OpenAPI document allows, and what it does not, to a real server.

No answer may be a fault of the server, have a status, type or body that is not documented, or
accept what the document forbids. https://schemathesis.readthedocs.io/
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.boot.running import STOPS, Running, free_port, processes_of
from tests.counting import Record
from tests.projects import run
from tests.questions import MOST
from tests.template import run_copier

SERVE = Path(__file__).with_name("serve.py")
# The same requests each time; `uvx nox -s fuzz_long` sends more, and others.
SEED = os.environ.get("FUZZ_SEED", "1")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "15")
# What would end the team that all other requests are about.
ENDS = ("delete_team", "leave_team", "transfer_team")
# Not asked: whether all that is valid is accepted (a cursor is a string, but not any string), and
# what the authorization tests of the projects themselves know better.
UNASKED = (
    "positive_data_acceptance,missing_required_header,use_after_free,"
    "ensure_resource_availability,object_level_authorization"
)
# What every stack has; the other operations of FastAPI are about logging in.
EVERYWHERE = r"^/api/v1/(me$|me/invitations|invitations|plans|event-types|teams)"
# How a request that is not valid may end: also by what comes before its check.
REFUSED = ["401", "403", "404", "405", "409", "412", "413", "422", "429"]
# `export` could be the id of a project, so methods of that address do not miss here.
SETTINGS = f"""
[checks.negative_data_rejection]
expected-statuses = {json.dumps(REFUSED)}

[[operations]]
include-path-regex = "/projects/export$"
checks.unsupported_method.enabled = false

[parameters]
"""
GENERATED = re.compile(r"(\d+) generated, (\d+) passed")


@dataclass
class Api:
    """A running API: its address, who may call it, and the ids of what there is."""

    url: str
    token: str
    key: str
    ids: dict[str, int]


@contextmanager
def serving(project: Path) -> Iterator[Api]:
    """The project's API with a new database; whatever happens, nothing of it is left after."""
    shutil.copy(SERVE, project)
    port = free_port()
    command = ("uv", "run", "--quiet", "python", "-m", "sandbox.testing", "python", "serve.py")
    running = Running(project, port, *command, str(port))
    try:
        running.wait_for('"token"')
        made = json.loads(running.output[-1])
        api = Api(f"{running.origin}/api/v1", made.pop("token"), made.pop("key"), made)
        add_project(api)
        yield api
    finally:
        for process in processes_of(project):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        running.launcher.wait(timeout=STOPS)
        running.reader.join(timeout=STOPS)


def add_project(api: Api) -> None:
    """Wait until the API answers, and make a row of the example product."""
    transport = httpx.HTTPTransport(retries=10)
    with httpx.Client(transport=transport, timeout=30) as client:
        answer = client.post(
            f"{api.url}/teams/{api.ids['team_id']}/projects",
            json={"name": "Website"},
            headers={"Authorization": f"Bearer {api.token}"},
        )
        if answer.status_code == 201:
            api.ids["project_id"] = answer.json()["id"]


def fuzz(api: Api, bearer: str, folder: Path, *, everything: bool) -> int:
    """Let this caller try everything, or all but what ends the team; answers how often."""
    settings = folder / "schemathesis.toml"
    settings.write_text(
        SETTINGS + "".join(f'"path.{name}" = {value}\n' for name, value in api.ids.items())
    )
    kept = [] if everything else [f"--exclude-operation-id={name}" for name in ENDS]
    done = run(
        folder,
        *("schemathesis", f"--config-file={settings}", "run", f"{api.url}/openapi.json"),
        f"--header=Authorization: Bearer {bearer}",
        f"--include-path-regex={EVERYWHERE}",
        f"--exclude-checks={UNASKED}",
        f"--max-examples={EXAMPLES}",
        *([f"--seed={SEED}"] if SEED else []),
        *("--phases=coverage,fuzzing", "--warnings=off", "--no-color", "--continue-on-failure"),
        *kept,
    )
    found = GENERATED.search(done.stdout)
    assert found is not None, done.stdout
    assert found[1] == found[2], done.stdout
    return int(found[1])


@pytest.mark.parametrize("stack", ["django", "fastapi"])
def test_no_request_brings_an_answer_that_is_not_documented(
    stack: str, repository: Path, tmp_path: Path, record_property: Record
) -> None:
    project = tmp_path / stack
    run_copier(repository, project, answers={"stack": stack, **MOST})
    with serving(project) as api:
        sent = fuzz(api, api.key, tmp_path, everything=True)
        sent += fuzz(api, api.token, tmp_path, everything=False)
        # At last whatever ends the team, and then all the rest without one.
        sent += fuzz(api, api.token, tmp_path, everything=True)
    record_property("requests fuzzed", sent)
