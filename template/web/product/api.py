"""Yours: the operations that your product adds to the API.

    @router.operation
    def list_projects(request: TeamRequest, query: Query[PageQuery]) -> Page[Project]: ...

serves the row of that name in `core/product/operations.py`; see `web/api/routes.py`.
"""

from web.api.routes import Routes

router = Routes()
