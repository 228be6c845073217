"""Login by a provider, and the connected logins of the caller.

A browser is led through redirects; what goes wrong on the way is said in the fragment of the
address that it ends at: `#sign_in_error=` and the kind of the problem.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from core.audit import AuditAction
from service.accounts.challenges import CurrentChallenges
from service.accounts.login import start_cookie_session
from service.accounts.notices import tell
from service.accounts.queries import lock_user
from service.accounts.recent import NOT_RECENT, RecentCaller
from service.accounts.schemas import NewSession
from service.accounts.signing_in import CurrentLogin, Login, no_such_challenge
from service.accounts.social import accounts, flow
from service.accounts.social.client import Conversation, Identity
from service.accounts.social.flow import Pending
from service.accounts.social.providers import providers
from service.accounts.social.schemas import (
    ConnectedLogin,
    Exchange,
    OfferedProvider,
    ProviderAddress,
)
from service.db import CurrentSession
from service.http.problems import Problem, documented
from service.identity.dependencies import UNAUTHENTICATED, CurrentCaller
from service.limits import SOCIAL, Limits

router = APIRouter()

ProviderId = Annotated[str, Path(max_length=20, examples=["google"])]
AccountId = Annotated[int, Path(ge=1, lt=2**31)]
State = Annotated[
    str, Query(max_length=4000, description="What we sent.", examples=["Jw9c0kPq7dT2"])
]
Code = Annotated[
    str,
    Query(
        max_length=4000, description="Who logged in, for us to ask.", examples=["SplxlOBeZQQYbYS6"]
    ),
]
Failure = Annotated[
    str, Query(max_length=4000, description="Why nobody did.", examples=["access_denied"])
]


@router.get("/auth/oidc", tags=["login"], summary="Which providers can I log in with?")
async def list_providers() -> list[OfferedProvider]:
    """Those that the environment sets up."""
    return [OfferedProvider(id=found.id, name=found.name) for found in providers().values()]


@router.post(
    "/auth/oidc/exchange",
    tags=["login"],
    summary="Exchange the code of a provider's login",
    responses=documented(401, 403, 429, 503),
)
async def exchange_social_code(body: Exchange, login: CurrentLogin, limits: Limits) -> NewSession:
    """Opens the session of a login by a provider that ended with `#exchange_code=`, once.

    That is how it ends for programs, and for people with a second factor: they are answered with
    401 `second-factor-required`, as after a password.
    """
    await limits.check(SOCIAL)
    content = await login.challenges.take(flow.EXCHANGE, body.exchange_code)
    if content is None:
        raise no_such_challenge()
    wanted = content["code_challenge"]
    if wanted and not secrets.compare_digest(wanted, flow.challenge_of(body.code_verifier)):
        raise no_such_challenge()
    user = await lock_user(login.session, content["user_id"])
    if user is None:
        raise no_such_challenge()
    return await login.complete(user, cookie=body.cookie)


@router.get(
    "/auth/oidc/{provider_id}",
    status_code=303,
    response_class=RedirectResponse,
    tags=["login"],
    summary="Log in by a provider",
    responses=documented(404, 429, 502, 503),
)
async def start_social_login(
    provider_id: ProviderId,
    request: Request,
    challenges: CurrentChallenges,
    limits: Limits,
    redirect_to: flow.RedirectTo = "/",
    code_challenge: flow.CodeChallenge = "",
) -> RedirectResponse:
    """Open this in a browser: it leads to the provider, and in the end to `redirect_to`.

    Then the browser has its session in a cookie. With `code_challenge`, or with a second factor,
    there is `#exchange_code=` instead: send it to `/auth/oidc/exchange`.
    """
    await limits.check(SOCIAL)
    response = RedirectResponse("/", 303)
    response.headers["Location"] = await flow.start(
        request,
        response,
        challenges,
        flow.provider_of(provider_id),
        redirect_to=redirect_to,
        code_challenge=code_challenge,
    )
    return response


@router.get(
    "/auth/oidc/{provider_id}/callback",
    status_code=303,
    response_class=RedirectResponse,
    tags=["login"],
    summary="Come back from a provider",
    responses=documented(400, 404, 429, 503),
)
async def finish_social_login(
    provider_id: ProviderId,
    login: CurrentLogin,
    limits: Limits,
    state: State = "",
    code: Code = "",
    error: Failure = "",
) -> RedirectResponse:
    """Where the provider sends the browser. Register this address with the provider."""
    await limits.check(SOCIAL)
    provider = flow.provider_of(provider_id)
    started = await flow.pending(login.request, login.challenges, provider, state)
    try:
        if error or not code:
            raise Problem(403, "refused", "Nobody logged in")
        async with Conversation(provider) as conversation:
            identity = await conversation.finish(
                code=code, nonce=started.nonce, verifier=started.verifier
            )
        return await finish(login, started, identity)
    except Problem as problem:
        await login.session.rollback()
        return RedirectResponse(flow.landing(started.redirect_to, sign_in_error=problem.kind), 303)


async def finish(login: Login, started: Pending, identity: Identity) -> RedirectResponse:
    """Connect the identity, or log in by it; commits."""
    if started.user_id:
        user = await lock_user(login.session, started.user_id)
        if user is None:
            raise accounts.not_allowed()
        await accounts.connect(login.session, user, identity)
        await login.session.commit()
        return RedirectResponse(flow.landing(started.redirect_to), 303)
    user = await accounts.user_of(login.session, identity)
    if started.code_challenge or await login.needs_second_factor(user):
        await login.session.commit()
        content = {"user_id": user.id, "code_challenge": started.code_challenge}
        code = await login.challenges.make(flow.EXCHANGE, content, flow.EXCHANGE_LIFETIME)
        return RedirectResponse(flow.landing(started.redirect_to, exchange_code=code), 303)
    response = RedirectResponse(flow.landing(started.redirect_to), 303)
    await start_cookie_session(login.session, login.request, response, user)
    return response


@router.get(
    "/me/social-accounts",
    tags=["connected logins"],
    summary="My connected logins",
    responses=UNAUTHENTICATED,
)
async def list_social_accounts(
    caller: CurrentCaller, session: CurrentSession
) -> list[ConnectedLogin]:
    """The accounts at providers that open the caller's account."""
    found = await accounts.accounts_of(session, caller.id)
    return [ConnectedLogin.model_validate(account) for account in found]


@router.post(
    "/me/social-accounts/{provider_id}",
    tags=["connected logins"],
    summary="Start to connect a login",
    responses=NOT_RECENT | documented(404, 429, 502),
)
async def connect_social_account(
    provider_id: ProviderId,
    request: Request,
    response: Response,
    caller: RecentCaller,
    challenges: CurrentChallenges,
    limits: Limits,
    redirect_to: flow.RedirectTo = "/",
) -> ProviderAddress:
    """Answers with the address to send this browser to; in the end it is at `redirect_to`."""
    await limits.check(SOCIAL)
    url = await flow.start(
        request,
        response,
        challenges,
        flow.provider_of(provider_id),
        redirect_to=redirect_to,
        user_id=caller.id,
    )
    return ProviderAddress(url=url)


@router.delete(
    "/me/social-accounts/{account_id}",
    status_code=204,
    tags=["connected logins"],
    summary="Disconnect a login",
    responses=NOT_RECENT | documented(404),
)
async def disconnect_social_account(
    account_id: AccountId, caller: RecentCaller, session: CurrentSession
) -> None:
    """The provider opens the account no more; a mailed code still does."""
    provider = await accounts.disconnect(session, caller.id, account_id)
    if provider is None:
        raise Problem(404, "not-found", "There is no such connected login")
    change = f"the login by {provider} was disconnected"
    await tell(session, caller.id, caller.email, AuditAction.CONNECTION_REMOVED, change)
    await session.commit()
