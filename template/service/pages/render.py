"""HTML pages from templates, with a policy that lets them load nothing but our stylesheet."""

from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.project import project

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    # With `no-referrer` a browser sends `Origin: null` with a form, which looks like another site.
    # This sends the origin alone, so a token in the address stays here, too.
    "Referrer-Policy": "strict-origin",
}

environment = Environment(
    # Your own templates first: they can replace ours.
    loader=FileSystemLoader(
        [
            Path(__file__).parents[1] / "product" / "templates",
            Path(__file__).with_name("templates"),
        ]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.globals["project"] = project


def page(template: str, status: int = 200, **context: object) -> HTMLResponse:
    """A rendered page; every value in it is escaped."""
    html = environment.get_template(template).render(context)
    return HTMLResponse(html, status, headers=HEADERS)
