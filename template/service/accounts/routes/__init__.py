"""The routes of accounts, one file for each thing people do."""

from fastapi import APIRouter

from service.accounts.routes import (
    code,
    login,
    me,
    passkeys,
    password,
    profile,
    reauthentication,
    registration,
    second_factor,
    sessions,
    social,
)

router = APIRouter()
# First what is asked for most: routes are tried in this order.
for part in (
    profile,
    sessions,
    login,
    code,
    reauthentication,
    me,
    second_factor,
    passkeys,
    social,
    password,
    registration,
):
    router.include_router(part.router)
