"""Asks the service beside Django what others know of a project."""

import os

from service_api import AuthenticatedClient
from service_api.api.projects import enrich_project
from service_api.models import Enrichment

team_id, project_id = int(os.environ["TEAM"]), int(os.environ["PROJECT"])
with AuthenticatedClient(os.environ["ORIGIN"], token=os.environ["TOKEN"]) as client:
    known = enrich_project.sync(team_id, project_id, client=client)
    assert isinstance(known, Enrichment), known
    assert {*known.facts.to_dict(), *known.missing.to_dict()}, known
    print("called")
