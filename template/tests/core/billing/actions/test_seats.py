"""A subscription has as many seats as the team has members, whatever happens at one moment."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from core.billing.changes import change_plan
from core.billing.database import lock_customer
from core.billing.seats import sync_seats
from core.billing.shop import Shop, TeamFacts
from core.billing.tasks import SyncSeats
from core.problems import Problem
from tests.core.billing.actions.office import Office, change_to, execute_of
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
    office.sandbox.fail_next_requests(0, 400)  # it may look, and ask for nothing
    office.sync_seats(team)
    office.sync_seats(office.team(members=2))


def test_a_plan_without_seats_stays_one_thing(office: Office) -> None:
    team = office.team()
    office.subscribe(team, "solo")
    office.join(team)
    office.sync_seats(team)
    assert seats(office, team) == 1


def test_members_are_counted_when_it_is_their_turn(office: Office) -> None:
    """Whoever waits for another who is at the customer counts after that."""
    team = office.team()
    office.subscribe(team, "pro")

    def sync() -> None:
        with psycopg.connect(office.address) as connection, connection.transaction():
            sync_seats(execute_of(connection), office.client, team.id, CATALOG)

    with psycopg.connect(office.address) as other, ThreadPoolExecutor(1) as pool:
        lock_customer(execute_of(other), team_id=team.id)
        waiting = pool.submit(sync)
        while not waiting.done() and not office.rows(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        ):
            time.sleep(0.005)
        office.join(team)
        other.commit()
        waiting.result()
    assert seats(office, team) == 2


def test_who_joins_while_the_plan_becomes_smaller_is_seen(office: Office) -> None:
    """Whoever joins has the team locked; so does whoever asks whether it fits."""
    team = office.team()
    office.subscribe(team, "pro")

    def change() -> None:
        with psycopg.connect(office.address) as connection, connection.transaction():
            shop = Shop(execute_of(connection), office.client, CATALOG)
            change_plan(shop, team, change_to("solo", "month"))

    with psycopg.connect(office.address) as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT 1 FROM teams_team WHERE id = %s FOR NO KEY UPDATE", [team.id])
        waiting = pool.submit(change)
        while not waiting.done() and not office.rows(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        ):
            time.sleep(0.005)
        office.join(team)
        other.commit()
        with pytest.raises(Problem, match="too large"):
            waiting.result()
    assert office.billing(team).plan == "pro"


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
