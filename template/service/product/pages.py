"""Yours: the pages of your product. This landing page is an example to change."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from service.pages.render import page

router = APIRouter()


@router.get("/", include_in_schema=False)
async def landing_page() -> HTMLResponse:
    """The first page that people see: `templates/landing.html` in this folder."""
    return page("landing.html")
