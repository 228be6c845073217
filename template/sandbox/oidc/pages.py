"""The provider's addresses, `/dev/oidc`: a page that asks who one is, and what programs fetch."""

import json
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import BasicAuth, web

from sandbox.environment import variable
from sandbox.filled import form_of
from sandbox.offer import Offer, render_with
from sandbox.oidc.provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    ProtocolError,
    Provider,
    check_client,
    check_request,
    subject_of,
)

PROVIDER = web.AppKey("oidc_provider", Provider)
PATH = "/dev/oidc"

routes = web.RouteTableDef()


def issuer(request: web.Request) -> str:
    """The provider's name: where it was asked for."""
    return f"{request.scheme}://{request.host}{PATH}"


@routes.get("/oidc")
async def about(request: web.Request) -> web.Response:
    """How to use it."""
    html = request.app[render_with].get_template("oidc/about.html").render(issuer=issuer(request))
    return web.Response(text=html, content_type="text/html")


@routes.get("/oidc/.well-known/openid-configuration")
async def discovery(request: web.Request) -> web.Response:
    """Where everything is (OpenID Connect Discovery)."""
    name = issuer(request)
    return web.json_response(
        {
            "issuer": name,
            "authorization_endpoint": f"{name}/authorize",
            "token_endpoint": f"{name}/token",
            "userinfo_endpoint": f"{name}/userinfo",
            "jwks_uri": f"{name}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )


@routes.get("/oidc/jwks")
async def jwks(request: web.Request) -> web.Response:
    """The key that signs id tokens."""
    return web.json_response(request.app[PROVIDER].keys())


@routes.get("/oidc/authorize")
async def choose(request: web.Request) -> web.Response:
    """Ask who it is that logs in."""
    if refusal := refused(request):
        return refusal
    client = urlsplit(request.query["redirect_uri"])
    html = request.app[render_with].get_template("oidc/choose.html").render(client=client.netloc)
    # Browsers apply form-action to where the form's answer leads, too.
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {client.scheme}://{client.netloc}"
    )
    return web.Response(
        text=html, content_type="text/html", headers={"Content-Security-Policy": policy}
    )


@routes.post("/oidc/authorize")
async def chosen(request: web.Request) -> web.Response:
    """Lead back to the client, with a code or with the person's refusal."""
    if refusal := refused(request):
        return refusal
    form = await form_of(request)
    if form.get("answer") == "refuse":
        return back(request, error="access_denied", error_description="the person refused")
    email = form.get("email", "")
    claims = {
        "sub": subject_of(email),
        "email": email,
        "email_verified": "email_verified" in form,
        "name": form.get("name", ""),
        **json.loads(form.get("claims") or "{}"),
    }
    return back(request, code=request.app[PROVIDER].allow(request.query, claims))


@routes.post("/oidc/token")
async def token(request: web.Request) -> web.Response:
    """Tokens for a code."""
    form = await form_of(request)
    try:
        if header := request.headers.get("Authorization"):
            basic = BasicAuth.decode(header)
            check_client(basic.login, basic.password)
        else:
            check_client(form.get("client_id", ""), form.get("client_secret", ""))
        return web.json_response(request.app[PROVIDER].exchange(issuer(request), form))
    except ProtocolError as error:
        status = 401 if error.code == "invalid_client" else 400
        body = {"error": error.code, "error_description": str(error)}
        return web.json_response(body, status=status)


@routes.get("/oidc/userinfo")
async def userinfo(request: web.Request) -> web.Response:
    """What is known of the person whom the token was made for."""
    _, _, access_token = request.headers.get("Authorization", "").partition(" ")
    person = request.app[PROVIDER].person(access_token)
    if person is None:
        return web.json_response({"error": "invalid_token"}, status=401)
    return web.json_response(person)


def set_up(app: web.Application, origin: str, folder: Path) -> None:
    """Prepare the provider, which remembers nothing between runs."""
    app[PROVIDER] = Provider()


def environment(origin: str) -> dict[str, str]:
    """The variables by which the product offers these logins, unless others are named."""
    if variable("OIDC_ISSUER"):
        return {}
    return {
        "OIDC_NAME": "Sandbox",
        "OIDC_ISSUER": origin + PATH,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }


OFFER = Offer(
    title="Identity provider",
    purpose="Log in as anybody by OpenID Connect, as with Google or a company's single sign-on.",
    path=PATH,
    routes=routes,
    # Programs fetch tokens; what a browser sends has an Origin, which does not pass.
    for_programs=frozenset({f"{PATH}/token"}),
    set_up=set_up,
    environment=environment,
)


def refused(request: web.Request) -> web.Response | None:
    """The answer to a request that must not go on: to nobody's client, or back to the client."""
    redirect_uri = request.query.get("redirect_uri", "")
    if request.query.get("client_id") != CLIENT_ID or not urlsplit(redirect_uri).netloc:
        return web.Response(status=400, text="client_id or redirect_uri is not known here.")
    try:
        check_request(request.query)
    except ProtocolError as error:
        return back(request, error=error.code, error_description=str(error))
    return None


def back(request: web.Request, **answer: str) -> web.Response:
    """Lead the browser back to the client."""
    if "state" in request.query:
        answer["state"] = request.query["state"]
    redirect_uri = request.query["redirect_uri"]
    separator = "&" if "?" in redirect_uri else "?"
    return web.Response(
        status=303, headers={"Location": f"{redirect_uri}{separator}{urlencode(answer)}"}
    )
