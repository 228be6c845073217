"""Yours: who may use the routes of your product.

The tests in `tests/service/authorization` try every route of the service with everybody who may
come. A new route fails them until it stands here; `tests/service/authorization/declare.py` has the
words.
"""

from tests.product.service.endpoints_authorization import PRODUCT_RULES as ENDPOINT_RULES
from tests.product.service.endpoints_authorization import furnish
from tests.service.authorization.declare import EVERYBODY, MEMBERS, READERS, WRITERS, Rule

__all__ = ["PRODUCT_RULES", "furnish"]

PROJECTS = "/api/v1/teams/{team_id}/projects"
PROJECT = PROJECTS + "/{project_id}"

PRODUCT_RULES: dict[str, Rule] = {
    "GET /": Rule(EVERYBODY),
    f"GET {PROJECTS}": Rule(READERS),
    f"POST {PROJECTS}": Rule(WRITERS, {"name": "New"}),
    f"POST {PROJECTS}/export": Rule(MEMBERS),
    f"GET {PROJECT}": Rule(READERS),
    f"PATCH {PROJECT}": Rule(WRITERS, {"name": "New"}),
    f"POST {PROJECT}/archive": Rule(WRITERS),
    f"POST {PROJECT}/restore": Rule(WRITERS),
    **ENDPOINT_RULES,
}
