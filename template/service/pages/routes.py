"""`/verify-email` and `/reset-password`: looking at a page changes nothing, its button does.

Mail programs open links to look at them, so a GET must not use a link up.
"""

from datetime import UTC
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from service.accounts import passwords
from service.accounts.hashing import Hashing
from service.accounts.verification import user_of_link, verify_email
from service.db import CurrentSession
from service.http.problems import Problem
from service.limits import RESET, VERIFY, Limits
from service.pages.render import page

router = APIRouter(tags=["pages"])

Field = Annotated[str, Form(max_length=1000)]


@router.get("/verify-email")
async def show_verify_email(session: CurrentSession, token: str = "") -> HTMLResponse:
    """Asks to confirm the address of the link."""
    try:
        user, email = await user_of_link(session, token)
    except Problem as problem:
        return failed(problem)
    joined = user.date_joined.astimezone(UTC)
    return page(
        "verify_email.html",
        email=email,
        token=token,
        is_login=email == user.email,
        made_on=f"{joined.day} {joined:%B %Y}",
    )


@router.post("/verify-email")
async def submit_verify_email(
    token: Field, session: CurrentSession, limits: Limits
) -> HTMLResponse:
    """Confirms the address of the link."""
    try:
        await limits.check(VERIFY)
        await verify_email(session, token)
    except Problem as problem:
        return failed(problem)
    return page(
        "message.html",
        title="Your address is confirmed",
        text="Your account is ready. You can log in now.",
    )


@router.get("/reset-password")
async def show_reset_password(session: CurrentSession, token: str = "") -> HTMLResponse:
    """Asks for the new password; without a token, for the address to mail a link to."""
    if not token:
        return page("forgot_password.html", email="", error="")
    try:
        await passwords.user_of_reset_link(session, token)
    except Problem as problem:
        return failed(problem)
    return page("reset_password.html", token=token, error="")


@router.post("/reset-password")
async def submit_reset_password(
    token: Field,
    password: Field,
    session: CurrentSession,
    hashing: Hashing,
    limits: Limits,
) -> HTMLResponse:
    """Sets the new password."""
    try:
        await limits.check(RESET)
        await passwords.reset_password(session, hashing, token=token, password=password)
    except Problem as problem:
        if problem.kind == "weak-password":
            return page("reset_password.html", 422, token=token, error=problem.detail)
        return failed(problem)
    return page(
        "message.html",
        title="Your password is changed",
        text="Log in with the new password. All other sessions were ended.",
    )


@router.post("/reset-password/link")
async def submit_forgot_password(
    email: Field, session: CurrentSession, limits: Limits
) -> HTMLResponse:
    """Mails a link to the address."""
    try:
        address = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        error = "Write an address such as ann@example.com."
        return page("forgot_password.html", 422, email=email, error=error)
    try:
        await limits.check(RESET, address)
        await passwords.send_reset_link(session, address)
    except Problem as problem:
        return failed(problem)
    return page(
        "message.html",
        title="A mail is on its way",
        text="Open the link in it to choose a new password.",
    )


def failed(problem: Problem) -> HTMLResponse:
    """The page for a link that does not work, or for too many attempts."""
    answer = page("message.html", problem.status, title=problem.title, text=problem.detail or "")
    answer.headers.update(problem.headers or {})
    return answer
