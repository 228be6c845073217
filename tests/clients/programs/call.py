"""A customer's program: with a token it finds its team, makes a project, and is told what is wrong."""

import os

from api import AuthenticatedClient
from api.api.projects import create_project, list_projects
from api.api.teams import list_teams
from api.models import NewProject, ProblemDocument, Project, ProjectPage, TeamPage

ORIGIN, TOKEN = os.environ["ORIGIN"], os.environ["TOKEN"]


def told(problem: object, kind: str) -> ProblemDocument:
    assert isinstance(problem, ProblemDocument), problem
    assert problem.type_ == f"urn:problem:{kind}", problem
    return problem


with AuthenticatedClient(ORIGIN, token=TOKEN) as client:
    teams = list_teams.sync(client=client, limit=1)
    assert isinstance(teams, TeamPage), teams
    team_id = teams.items[0].id

    made = create_project.sync(
        team_id, client=client, body=NewProject(name="From Python"), idempotency_key="python"
    )
    assert isinstance(made, Project), made
    assert made.created_at.tzinfo is not None

    found = list_projects.sync(team_id, client=client, search="From Python")
    assert isinstance(found, ProjectPage), found
    assert [project.id for project in found.items] == [made.id]

    wrong = create_project.sync_detailed(team_id, client=client, body=NewProject(name=""))
    problem = told(wrong.parsed, "invalid-request")
    assert isinstance(problem.errors, list)
    assert problem.errors[0].pointer == "#/name"

    told(list_projects.sync(999_999, client=client), "not-found")

told(list_teams.sync(client=AuthenticatedClient(ORIGIN, token="nobody")), "unauthenticated")
print("called")
