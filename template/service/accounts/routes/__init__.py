"""The routes of accounts, one file for each thing people do."""

from fastapi import APIRouter

from service.accounts.routes import (
    code,
    login,
    me,
    passkeys,
    password,
    reauthentication,
    registration,
    second_factor,
    sessions,
)

router = APIRouter()
for part in (
    registration,
    login,
    code,
    second_factor,
    passkeys,
    reauthentication,
    password,
    me,
    sessions,
):
    router.include_router(part.router)
