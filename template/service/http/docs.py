"""The page that shows the OpenAPI document, without any outside network.

Swagger UI's files come from the package `fastapi-offline`.
"""

from html import escape
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from core.project import project

# Swagger UI sets style attributes and draws its icons from data: addresses.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{docs}/swagger/swagger-ui.css">
<link rel="stylesheet" href="{docs}/page/docs.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{docs}/swagger/swagger-ui-bundle.js"></script>
<script src="{docs}/page/docs.js" data-openapi="{openapi}"></script>
</body>
</html>
"""


def install(app: FastAPI, prefix: str) -> None:
    """Serve the page at `<prefix>/docs`."""
    url = f"{prefix}/docs"
    page = PAGE.format(title=escape(project.name), docs=url, openapi=f"{prefix}/openapi.json")

    @app.get(url, include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    app.mount(f"{url}/swagger", StaticFiles(packages=[("fastapi_offline", "static")]))
    app.mount(f"{url}/page", StaticFiles(directory=Path(__file__).with_name("static")))
