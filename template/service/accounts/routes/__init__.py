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
for part in (
    registration,
    login,
    code,
    second_factor,
    passkeys,
    social,
    reauthentication,
    password,
    profile,
    me,
    sessions,
):
    router.include_router(part.router)
