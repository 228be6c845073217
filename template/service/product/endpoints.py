"""Yours: what the service answers outside `/api/v1`, at the same address alone or beside Django.

For what waits for others, such as streams and fan-out. What a project is known for elsewhere is the
example to change: `docs/fanout.md`.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from psycopg import sql
from pydantic import BaseModel, Field, StringConstraints

from core.api.schemas import Id
from core.problems import not_found
from core.product.permissions import VIEW_PROJECTS
from service.fanout import Call, CurrentUpstreams, Reason, Success
from service.http.leaving import until_client_leaves
from service.http.problems import documented
from service.pool import CurrentPool
from service.teams.dependencies import CurrentTeam, permit

router = APIRouter(prefix="/service", tags=["projects"])

DEADLINE = 2.0  # seconds that a person waits
PROJECT = sql.SQL("""
    SELECT name FROM product_project WHERE id = %(project_id)s AND team_id = %(team_id)s
""")

Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Fact(BaseModel):
    """Something that a source knows."""

    title: Text = Field(examples=["Registered"])
    text: Text = Field(examples=["In 2019, in Lisbon"])


class Facts(BaseModel):
    """What a source answers; it is another's word, so it has limits."""

    facts: list[Fact] = Field(max_length=20)


class Enrichment(BaseModel):
    """What is known of a project elsewhere."""

    facts: dict[str, list[Fact]] = Field(description="By the names of the sources.")
    missing: dict[str, Reason] = Field(description="The sources that said nothing, and why.")


@router.get(
    "/teams/{team_id}/projects/{project_id}/enrichment",
    summary="What others know of a project",
    responses=documented(401, 403, 404, 503),
    dependencies=[permit(VIEW_PROJECTS)],
)
async def enrich_project(
    project_id: Id,
    team: CurrentTeam,
    pool: CurrentPool,
    upstreams: CurrentUpstreams,
    request: Request,
) -> Enrichment:
    """Asks all sources at once, and answers with what came within two seconds.

    A source that is slow, broken or absent is named among the missing. The sources are told the
    name of the project and nothing else.
    """
    async with pool.connection() as connection:
        parameters = {"project_id": project_id, "team_id": team.id}
        project = await (await connection.execute(PROJECT, parameters)).fetchone()
    if project is None:
        raise not_found("project")
    calls = {
        name: Call(name, "facts", Facts.model_validate_json, query={"about": project["name"]})
        for name in upstreams.names
    }
    async with until_client_leaves(request):
        results = await upstreams.ask(calls, deadline=DEADLINE)
    enrichment = Enrichment(facts={}, missing={})
    for name, result in results.items():
        if isinstance(result, Success):
            enrichment.facts[name] = result.value.facts
        else:
            enrichment.missing[name] = result.reason
    return enrichment
