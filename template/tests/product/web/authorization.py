"""Yours: who may open the pages of your product, and call its operations.

The tests in `tests/web/authorization` try every route of the project with every kind of visitor. A
new route fails them until it stands here; its name is the `name` in `urls.py`, or the id of the
operation. `tests/web/authorization/declare.py` has the words.
"""

from tests.web.authorization.declare import EVERYBODY, PEOPLE, Call, Page
from web.accounts.models import User
from web.teams.models import Team

PRODUCT_PAGES: dict[str, Page] = {
    "landing": Page(EVERYBODY),
    "dashboard": Page(PEOPLE),
}

PRODUCT_CALLS: dict[str, Call] = {}


def furnish(team: Team, owner: User, word: str) -> dict[str, int]:
    """Make one of everything in the team, with `word` in it; answers the ids by their names.

    Tests look for the word where it must not be. The names are those in addresses: `project_id`.
    """
    return {}
