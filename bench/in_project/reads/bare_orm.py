"""The least with an ORM: the same, and a list of rows through SQLAlchemy's asynchronous session."""

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI
from reads import bare
from sqlalchemy import func, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from service.accounts.models import AccessToken
from service.accounts.schemas import Session

url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = create_async_engine(url, pool_size=16, max_overflow=0, pool_pre_ping=True)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI(lifespan=bare.lifespan)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@app.get("/sessions")
async def list_sessions(
    user: bare.CurrentUser, session: Annotated[AsyncSession, Depends(get_session)]
) -> list[Session]:
    found = await session.scalars(
        select(AccessToken)
        .where(AccessToken.user_id == user["user_id"], AccessToken.kind == "session")
        .where(AccessToken.expires_at > func.now())
        .order_by(AccessToken.created_at.desc(), AccessToken.id.desc())
    )
    return [Session.model_validate(each) for each in found]
