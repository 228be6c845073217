"""No statement of the ORM reaches the rows of another team, whatever it looks like."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Table,
    create_engine,
    delete,
    exists,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from core.teams.context import NoTeam, team_scope
from service.db import database_url, sessions
from service.teams.scope import ScopedSession, TeamOwned, WrongTeam, across_teams

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("app")]


class Base(DeclarativeBase):
    """Tables of this test alone."""


Table("teams_team", Base.metadata, Column("id", BigInteger, primary_key=True))


class Note(TeamOwned, Base):
    __tablename__ = "test_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    lines: Mapped[list["Line"]] = relationship(back_populates="note")


class Line(TeamOwned, Base):
    __tablename__ = "test_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey(Note.id))
    text: Mapped[str]
    note: Mapped[Note] = relationship(back_populates="lines")


@dataclass(frozen=True)
class Two:
    """Two teams, each with a note of its own; a line of the other's hangs at each."""

    ours: int
    theirs: int


@pytest.fixture(scope="module")
def tables(database: psycopg.Connection[dict[str, Any]]) -> Iterator[None]:
    engine = create_engine(database_url())
    made = [Base.metadata.tables[name] for name in ("test_note", "test_line")]
    Base.metadata.create_all(engine, tables=made)
    yield
    Base.metadata.drop_all(engine, tables=made)
    engine.dispose()


@pytest.fixture
async def two(tables: None, make_team: Callable[..., int]) -> Two:
    two = Two(make_team("Ours"), make_team("Theirs"))
    async with sessions(info=across_teams()) as session:
        session.add_all(
            [
                Note(id=1, team_id=two.ours, text="ours"),
                Note(id=2, team_id=two.theirs, text="canary"),
            ]
        )
        await session.flush()
        session.add_all(
            [
                Line(id=1, team_id=two.ours, note_id=1, text="ours"),
                # As if somebody had smuggled a row in.
                Line(id=2, team_id=two.theirs, note_id=1, text="canary"),
                Line(id=3, team_id=two.theirs, note_id=2, text="canary"),
            ]
        )
        await session.commit()
    return two


@pytest.fixture
async def session(two: Two) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Other = aliased(Note)
STATEMENTS = {
    "entities": select(Note.text),
    "columns": select(Note.text, Note.id),
    "everything by a trick": select(Note.text).where((Note.id > 0) | (Note.team_id > 0)),
    "an alias": select(Other.text),
    "a join": select(Line.text).join(Note, Line.note_id == Note.id),
    "a join of relationships": select(Line.text).join(Line.note),
    "the other side of an outer join": select(Line.text).select_from(Note).outerjoin(Note.lines),
    "an alias in a join": select(Other.text).join(Line, Other.id == Line.note_id),
    "a subquery": select(select(Note.text).subquery().c.text),
    "an entity of a subquery": select(aliased(Note, select(Note).subquery()).text),
    "a CTE": select(select(Note.text).cte().c.text),
    "a union": select(Note.text).union_all(select(Line.text)),
    "a scalar subquery": select(select(func.max(Note.text)).scalar_subquery()),
    "a correlated EXISTS": select(Line.text).where(exists().where(Note.id == Line.note_id)),
    "a lock": select(Note.text).with_for_update(),
}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_a_statement_sees_one_team(session: AsyncSession, two: Two, statement: Any) -> None:
    # Both in turn, twice: nothing of the first team stays in what SQLAlchemy caches.
    for _ in range(2):
        with team_scope(two.ours):
            assert set(await session.scalars(statement)) == {"ours"}
        with team_scope(two.theirs):
            assert set(await session.scalars(statement)) <= {"canary"}


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_without_a_team_nothing_is_read(session: AsyncSession, statement: Any) -> None:
    with pytest.raises(NoTeam):
        await session.scalars(statement)


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
async def test_all_teams_are_read_on_purpose_only(session: AsyncSession, statement: Any) -> None:
    found = await session.scalars(statement, execution_options=across_teams())
    assert "canary" in set(found) or statement is STATEMENTS["a scalar subquery"]


async def test_counts_count_one_team(session: AsyncSession, two: Two) -> None:
    with team_scope(two.ours):
        assert await session.scalar(select(func.count()).select_from(Line)) == 1
        assert await session.scalar(select(func.count(Line.id))) == 1


@pytest.mark.parametrize("load", [selectinload, joinedload])
async def test_loaded_relationships_hold_one_team(
    session: AsyncSession, two: Two, load: Callable[..., Any]
) -> None:
    with team_scope(two.ours):
        found = await session.scalars(select(Note).options(load(Note.lines)))
        assert [line.id for note in found.unique() for line in note.lines] == [1]


async def test_relationships_loaded_later_hold_one_team(two: Two) -> None:
    engine = create_engine(database_url())
    with ScopedSession(engine) as session, team_scope(two.ours):
        note = session.get_one(Note, 1)
        assert [line.id for line in note.lines] == [1]
        fresh = Note(id=9, text="ours")
        session.add(fresh)
        session.flush()
        values = {"team": two.theirs}
        session.connection().execute(
            text("INSERT INTO test_line (id, note_id, text, team_id) VALUES (9, 9, '', :team)"),
            values,
        )
        # Not loaded by any statement, so no statement handed its condition on.
        session.expire(fresh, ["lines"])
        assert fresh.lines == []
    engine.dispose()


async def test_get_finds_one_team_also_among_what_the_session_holds(
    session: AsyncSession, two: Two
) -> None:
    with team_scope(two.ours):
        assert await session.get(Note, 2) is None
        assert await session.get(Note, 1)
    with team_scope(two.theirs):
        held = await session.get(Note, 2)
        assert held
        assert await session.get(Note, 1) is None
    with team_scope(two.ours):
        assert await session.get(Note, 2) is None
        with pytest.raises(NoResultFound):
            await session.get_one(Note, 2)
    with pytest.raises(NoTeam):
        await session.get(Note, 1)
    assert await session.get(Note, 2, execution_options=across_teams()) is held


async def test_updates_and_deletes_change_one_team(session: AsyncSession, two: Two) -> None:
    for change in (update(Note).values(text="new"), delete(Line), update(Note), delete(Note)):
        with pytest.raises(NoTeam):
            await session.execute(change)
    await session.rollback()
    with team_scope(two.ours):
        await session.execute(update(Note).where(Note.id > 0).values(text="new"))
        await session.execute(delete(Line))
        await session.commit()
    everything = across_teams()
    notes = await session.scalars(select(Note.text).order_by(Note.id), execution_options=everything)
    lines = await session.scalars(select(Line.id).order_by(Line.id), execution_options=everything)
    assert (notes.all(), lines.all()) == (["new", "canary"], [2, 3])


async def test_new_rows_get_the_team_of_the_scope(session: AsyncSession, two: Two) -> None:
    with team_scope(two.ours):
        session.add(Note(id=3, text="added"))
        await session.flush()
        await session.execute(insert(Note).values(id=4, text="values"))
        await session.execute(insert(Note), {"id": 5, "text": "one"})
        await session.execute(insert(Note), [{"id": 6, "text": "many"}, {"id": 7, "text": "many"}])
        # Whoever names another team writes into their own all the same.
        await session.execute(insert(Note).values(id=8, text="x", team_id=two.theirs))
        returned = await session.scalars(insert(Note).values(id=9, text="y").returning(Note.id))
        assert returned.all() == [9]
        await session.commit()
    found = select(Note.team_id).where(Note.id > 2)
    teams = await session.scalars(found, execution_options=across_teams())
    assert set(teams) == {two.ours}


async def test_a_row_of_another_team_is_not_written(session: AsyncSession, two: Two) -> None:
    with team_scope(two.theirs):
        theirs = await session.get_one(Note, 2)
    upsert = insert(Note).values(id=2, text="mine")
    attempts: dict[str, Callable[[], Any]] = {
        "added": lambda: session.add(Note(id=3, text="x", team_id=two.theirs)),
        "changed": lambda: setattr(theirs, "text", "mine"),
        "taken over": lambda: setattr(theirs, "team_id", two.ours),
        "deleted": lambda: session.sync_session.delete(theirs),
    }
    for attempt in attempts.values():
        with team_scope(two.ours):
            attempt()
            with pytest.raises(WrongTeam):
                await session.flush()
        await session.rollback()
        with team_scope(two.theirs):
            theirs = await session.get_one(Note, 2)
    statements = {
        "many": (insert(Note), [{"id": 3, "text": "x", "team_id": two.theirs}]),
        "given away": (update(Note).values(team_id=two.theirs), None),
        "given away by parameter": (update(Note), {"team_id": two.theirs}),
        "by key": (update(Note), [{"id": 2, "text": "mine"}]),
        "upsert": (
            upsert.on_conflict_do_update(index_elements=["id"], set_={"text": "mine"}),
            None,
        ),
        "select": (insert(Note).from_select(["id", "text"], select(Line.id, Line.text)), None),
    }
    for statement, parameters in statements.values():
        with team_scope(two.ours), pytest.raises(WrongTeam):
            await session.execute(statement, parameters)
        await session.rollback()
    text = await session.scalar(
        select(Note.text).where(Note.id == 2), execution_options=across_teams()
    )
    assert text == "canary"


async def test_new_rows_need_a_team(session: AsyncSession, two: Two) -> None:
    session.add(Note(id=3, text="x", team_id=two.ours))
    with pytest.raises(NoTeam):
        await session.flush()
    await session.rollback()
    with pytest.raises(NoTeam):
        await session.execute(insert(Note).values(id=3, text="x", team_id=two.ours))


async def test_what_belongs_to_no_team_needs_none(session: AsyncSession) -> None:
    from service.accounts.models import User

    assert (await session.scalars(select(User))).all() == []
