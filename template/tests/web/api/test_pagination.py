"""Pages, one after the other, are the list: also while rows come and go."""

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.api.conftest import Caller
from web.accounts.models import User
from web.teams.models import Invitation, Membership, Team

# The rows between two pages: how many come, and which go.
MEANWHILE = st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(0, 12))), max_size=8)


def add_teams(user: User, number: int) -> list[int]:
    """Teams that somebody is in."""
    teams = Team.objects.bulk_create([Team(name="x") for _ in range(number)])
    Membership.objects.bulk_create(
        [Membership(team=team, user=user, role="member") for team in teams]
    )
    return [team.pk for team in teams]


def add_invitations(team: Team, number: int) -> list[int]:
    """Invitations that wait."""
    start = Invitation.objects.count()
    now = timezone.now()
    rows = [
        Invitation(team=team, email=f"{start + i}@x.example", role="member", expires_at=now)
        for i in range(number)
    ]
    return [row.pk for row in Invitation.objects.bulk_create(rows)]


def read_all(call: Caller, path: str, limit: int, after_page: object) -> list[int]:
    """The ids of all pages."""
    seen: list[int] = []
    cursor = ""
    while True:
        answer = call("GET", f"{path}?limit={limit}{cursor}").json()
        assert len(answer["items"]) <= limit
        seen += [item["id"] for item in answer["items"]]
        if answer["next_cursor"] is None:
            return seen
        cursor = f"&cursor={answer['next_cursor']}"
        after_page()  # type: ignore[operator]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.integers(0, 12), limit=st.integers(1, 5), meanwhile=MEANWHILE)
def test_teams_the_oldest_first(
    call: Caller,
    owner: User,
    number: int,
    limit: int,
    meanwhile: list[tuple[int, set[int]]],
) -> None:
    with transaction.atomic():
        first = [owner.memberships.get().team_id, *add_teams(owner, number)]
        gone: set[int] = set()
        steps = iter(meanwhile)

        def change() -> None:
            come, go = next(steps, (0, set[int]()))
            add_teams(owner, come)
            ids = {first[i] for i in go if 0 < i < len(first)}
            Team.objects.filter(pk__in=ids).delete()
            gone.update(ids)

        seen = read_all(call, "/teams", limit, change)
        assert seen == sorted(set(seen))
        assert [each for each in seen if each in first and each not in gone] == [
            each for each in first if each not in gone
        ]
        transaction.set_rollback(True)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.integers(0, 12), limit=st.integers(1, 5), meanwhile=MEANWHILE)
def test_invitations_the_newest_first(
    call: Caller,
    team: Team,
    number: int,
    limit: int,
    meanwhile: list[tuple[int, set[int]]],
) -> None:
    with transaction.atomic():
        first = add_invitations(team, number)
        gone: set[int] = set()
        steps = iter(meanwhile)

        def change() -> None:
            come, go = next(steps, (0, set[int]()))
            add_invitations(team, come)
            ids = {first[i] for i in go if i < len(first)}
            Invitation.objects.filter(pk__in=ids).update(revoked_at=timezone.now())
            gone.update(ids)

        seen = read_all(call, f"/teams/{team.pk}/invitations", limit, change)
        assert seen == sorted(set(seen), reverse=True)
        # What came later stands before the first page.
        assert set(seen) <= set(first)
        assert {each for each in first if each not in gone} <= set(seen)
        transaction.set_rollback(True)
