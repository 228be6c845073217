"""The routes of accounts, one file for each thing people do."""

from fastapi import APIRouter

from service.accounts.routes import code, login, me, password, registration, sessions

router = APIRouter()
for part in (registration, login, code, password, me, sessions):
    router.include_router(part.router)
