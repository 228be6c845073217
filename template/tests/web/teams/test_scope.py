"""No row of one team is read or written in the scope of another, by any path that Django has."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Count
from django.forms import modelform_factory

from core.teams.context import NoTeam, team_scope
from tests.web.teams.note import Note
from web.accounts.models import User
from web.teams.models import Team
from web.teams.scope import OtherTeam


@pytest.fixture
def other_team(owner: User) -> Team:
    return Team.objects.create_for(owner, "Globex")


@pytest.fixture
def mine(team: Team) -> Note:
    with team_scope(team.pk):
        return Note.objects.create(text="mine")


@pytest.fixture
def theirs(other_team: Team) -> Note:
    with team_scope(other_team.pk):
        return Note.objects.create(text="theirs")


def notes_of(team: Team) -> Any:
    """What the product's code would write as `team.note_set`; mypy does not know this model."""
    return team.note_set  # type: ignore[attr-defined]


READS: dict[str, Callable[[], object]] = {
    "all": lambda: [note.text for note in Note.objects.all()],
    "filter": lambda: [note.text for note in Note.objects.filter(pk__gt=0)],
    "or": lambda: [n.text for n in Note.objects.filter(text="theirs") | Note.objects.all()],
    "values": lambda: list(Note.objects.values_list("text", flat=True)),
    "union": lambda: [n.text for n in Note.objects.all().union(Note.objects.all())],
    "iterator": lambda: [note.text for note in Note.objects.iterator()],
    "in_bulk": lambda: [note.text for note in Note.objects.in_bulk().values()],
    "first": lambda: [note.text for note in [Note.objects.first()] if note],
    "earliest": lambda: [Note.objects.earliest("-pk").text],
    "default manager": lambda: [str(note) for note in Note._default_manager.all()],
    "subquery": lambda: [
        n.text for n in Note.across_teams.filter(pk__in=Note.objects.values("pk"))
    ],
    "related": lambda: [note.text for team in Team.objects.all() for note in notes_of(team).all()],
    "prefetched": lambda: [
        note.text
        for team in Team.objects.prefetch_related("note_set")  # type: ignore[misc]
        for note in notes_of(team).all()
    ],
}
COUNTS: dict[str, Callable[[], int]] = {
    "count": Note.objects.count,
    "aggregate": lambda: int(Note.objects.aggregate(n=Count("pk"))["n"]),
    "exists": lambda: Note.objects.exists() + Note.objects.filter(text="theirs").exists(),
    "update": lambda: Note.objects.update(text="changed"),
    "delete": lambda: Note.objects.all().delete()[0],
    "raw delete": lambda: Note.objects.all()._raw_delete(using="default"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_reading_finds_the_rows_of_the_team_alone(
    team: Team, mine: Note, theirs: Note, read: Callable[[], object]
) -> None:
    with team_scope(team.pk):
        assert read() == ["mine"]
    with pytest.raises(NoTeam):
        read()


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS.keys())
def test_what_is_counted_changed_or_deleted_is_the_teams(
    team: Team, mine: Note, theirs: Note, count: Callable[[], int]
) -> None:
    with pytest.raises(NoTeam), transaction.atomic():
        count()
    with team_scope(team.pk):
        assert count() == 1
    assert Note.across_teams.get(pk=theirs.pk).text == "theirs"


def test_another_teams_row_does_not_exist(team: Team, mine: Note, theirs: Note) -> None:
    with team_scope(team.pk):
        with pytest.raises(ObjectDoesNotExist):
            Note.objects.get(pk=theirs.pk)
        assert Note.objects.get(pk=mine.pk) == mine
        made, created = Note.objects.get_or_create(text="theirs")
        assert created
        assert made.team == team


def test_a_new_row_gets_the_team_and_no_other(team: Team, other_team: Team) -> None:
    with team_scope(team.pk):
        note = Note(text="new")
        note.save()
        assert note.team_id == team.pk
        with pytest.raises(OtherTeam):
            Note.objects.create(text="x", team=other_team)
        with pytest.raises(OtherTeam):
            notes_of(other_team).create(text="x")
        with pytest.raises(OtherTeam):
            Note.objects.bulk_create([Note(text="x", team=other_team)])
        made = Note.objects.bulk_create([Note(text="1"), Note(text="2")])
        assert {note.team_id for note in made} == {team.pk}
    for attempt in (
        lambda: Note.objects.create(text="x"),
        lambda: Note(text="x", team=team).save(),
        lambda: Note.objects.bulk_create([Note(text="x", team=team)]),
    ):
        with pytest.raises(NoTeam):
            attempt()


def test_a_guessed_primary_key_changes_no_row_of_another_team(
    team: Team, other_team: Team, mine: Note, theirs: Note
) -> None:
    with team_scope(team.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            Note(pk=theirs.pk, text="stolen").save()
        with pytest.raises(DatabaseError), transaction.atomic():
            Note(pk=theirs.pk, text="stolen").save(force_update=True)
        with pytest.raises(OtherTeam):
            Note(pk=theirs.pk, team=team).delete()
        with pytest.raises(OtherTeam):
            theirs.save()
        with pytest.raises(OtherTeam):
            theirs.delete()
        with pytest.raises(ObjectDoesNotExist):
            Note(pk=theirs.pk, team=team).refresh_from_db()
        stolen = Note(pk=theirs.pk, text="stolen", team=team)
        assert Note.objects.bulk_update([stolen], ["text"]) == 0
        with pytest.raises(OtherTeam):
            Note.objects.bulk_create(
                [stolen], update_conflicts=True, unique_fields=["id"], update_fields=["text"]
            )
    theirs.refresh_from_db()
    assert (theirs.text, theirs.team) == ("theirs", other_team)


def test_an_upsert_that_names_the_team_works(team: Team, mine: Note) -> None:
    with team_scope(team.pk):
        Note.objects.bulk_create(
            [Note(text="mine"), Note(text="new")],
            update_conflicts=True,
            unique_fields=["team", "text"],
            update_fields=["text"],
        )
        assert Note.objects.count() == 2


def test_rows_stay_in_their_team(team: Team, other_team: Team, mine: Note) -> None:
    with team_scope(team.pk):
        with pytest.raises(OtherTeam):
            Note.objects.update(team=other_team)
        with pytest.raises(OtherTeam):
            Note.objects.bulk_update([mine], ["team"])
        with pytest.raises(OtherTeam):
            Note.objects.raw("SELECT * FROM test_note")
    mine.team = other_team
    with team_scope(other_team.pk), pytest.raises(IntegrityError), transaction.atomic():
        mine.save()


def test_a_queryset_made_elsewhere_asks_for_the_team_when_it_runs(
    team: Team, other_team: Team, mine: Note, theirs: Note
) -> None:
    notes = Note.objects.all()
    for each, text in ((team, "mine"), (other_team, "theirs")):
        with team_scope(each.pk):
            assert [note.text for note in notes.all()] == [text]


def test_a_form_offers_and_accepts_the_rows_of_the_team_alone(
    team: Team, mine: Note, theirs: Note
) -> None:
    form_class = modelform_factory(Note, fields=["text", "answers"])
    with team_scope(team.pk):
        assert "theirs" not in form_class().as_p()
        assert form_class({"text": "x", "answers": mine.pk}).is_valid()
        assert not form_class({"text": "x", "answers": theirs.pk}).is_valid()


def test_what_a_row_refers_to_is_found_in_any_scope(team: Team, mine: Note) -> None:
    with team_scope(team.pk):
        answer = Note.objects.create(text="answer", answers=mine)
    found = Note.across_teams.get(pk=answer.pk)
    assert found.answers == mine
    assert found.team == team
    found.refresh_from_db()


def test_a_team_is_deleted_with_its_rows_and_no_others(
    team: Team, owner: User, mine: Note, theirs: Note
) -> None:
    team.delete_by(owner)
    assert list(Note.across_teams.all()) == [theirs]


def test_the_admin_and_some_tasks_reach_across_teams(mine: Note, theirs: Note) -> None:
    assert set(Note.across_teams.all()) == {mine, theirs}
    assert Note.across_teams.filter(pk=theirs.pk).update(text="seen") == 1
