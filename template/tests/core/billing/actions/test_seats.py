"""A subscription has as many seats as the team has members, whatever happens at one moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg

from core.billing.seats import sync_seats
from core.billing.shop import TeamFacts
from core.billing.tasks import SyncSeats
from tests.core.billing.actions.office import Office, execute_of
from tests.core.billing.catalog import CATALOG


def seats(office: Office, team: TeamFacts) -> int:
    billing = office.billing(team)
    assert billing.subscription
    (truth,) = office.truth(team)["subscriptions"]
    at_stripe = [item["quantity"] for item in truth["items"]["data"] if "quantity" in item]
    assert at_stripe == [billing.subscription.quantity]
    return billing.subscription.quantity


def test_seats_come_and_go_with_members(office: Office) -> None:
    team = office.team(members=3)
    office.subscribe(team, "pro")
    office.sandbox.advance(days=10)
    for _ in range(2):
        office.join(team)
        office.sync_seats(team)
    assert seats(office, team) == 5
    office.leave(team)
    office.sync_seats(team)
    assert seats(office, team) == 4
    # What the seats cost for the rest of the period waits for the next invoice.
    office.sandbox.advance(days=32)
    (last,) = [
        each for each in office.truth(team)["invoices"] if each["billing_reason"].endswith("cycle")
    ]
    assert 2900 + 900 < last["total"] < 2900 + 2 * 900


def test_nothing_is_changed_that_is_right(office: Office) -> None:
    team = office.team(members=3)
    office.subscribe(team, "pro")
    before = len(office.sandbox.events())
    office.sync_seats(team)
    office.sync_seats(office.team(members=2))
    assert len(office.sandbox.events()) == before


def test_a_plan_without_seats_stays_one_thing(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    office.join(team)
    office.sync_seats(team)
    assert seats(office, team) == 1


def test_those_who_join_at_one_moment_are_all_counted(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro")
    together = threading.Barrier(4)

    def join_and_sync(_: int) -> None:
        with psycopg.connect(office.address) as connection:
            together.wait()
            Office(office.sandbox, connection, office.address).join(team)
            with connection.transaction():
                sync_seats(execute_of(connection), office.client, team.id, CATALOG)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(join_and_sync, range(4)))
    assert seats(office, team) == 5


def test_who_joins_while_somebody_pays_is_counted_after_it(office: Office) -> None:
    team = office.team()
    address = office.start(team, "pro")
    office.join(team)
    office.sync_seats(team)
    office.sandbox.pay(address)
    assert office.asked(SyncSeats) == []
    office.hear(team)
    assert office.asked(SyncSeats) == [{"team_id": team.id}]
    office.sync_seats(team)
    assert seats(office, team) == 2
    office.hear(team)
    assert len(office.asked(SyncSeats)) == 1


def test_a_trial_has_its_seats_too(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "pro", trial=True)
    office.join(team)
    office.sync_seats(team)
    assert seats(office, team) == 2
    assert [each["total"] for each in office.truth(team)["invoices"]] == [0]
