"""Endpoints belong to a team, are few, lead outside, and keep their secrets."""

import base64

import pytest

from core.encryption import decrypt
from core.outbox.write import Execute
from core.outgoing import endpoints
from core.outgoing.deliveries import list_deliveries, send_test
from core.outgoing.endpoints import create_endpoint, get_endpoint, list_endpoints
from core.problems import Problem
from tests.outgoing.conftest import quiet_until

URL = "https://example.com/hook"


def test_the_secret_is_told_once_and_stored_encrypted(execute: Execute, team: int) -> None:
    made, secret = create_endpoint(execute, team, url=URL, event_types=["member.added"])
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"))) <= 64
    assert made == get_endpoint(execute, team, made.id)
    assert secret not in repr(made)
    ((stored,),) = execute("SELECT secret FROM outgoing_endpoint", {})
    assert secret not in stored
    assert decrypt(stored) == secret


def test_a_new_secret_keeps_the_former_one_for_a_day(execute: Execute, team: int) -> None:
    made, former = create_endpoint(execute, team, url=URL)
    rotated, secret = endpoints.rotate_secret(execute, team, made.id)
    assert secret != former
    assert rotated.former_until
    ((now, stored),) = execute("SELECT now(), former_secret FROM outgoing_endpoint", {})
    assert abs(rotated.former_until - now - endpoints.ROTATION).total_seconds() < 60
    assert decrypt(stored) == former


def test_what_is_not_named_stays(execute: Execute, team: int) -> None:
    made, _ = create_endpoint(
        execute, team, url=URL, description="Ours", event_types=["member.added"]
    )
    changed = endpoints.update_endpoint(execute, team, made.id, description="Theirs")
    assert (changed.url, changed.event_types) == (made.url, made.event_types)
    assert changed.description == "Theirs"
    assert endpoints.update_endpoint(execute, team, made.id, event_types=[]).event_types == ()


def test_another_address_has_not_failed_yet_nor_asked_for_quiet(
    execute: Execute, team: int
) -> None:
    made, _ = create_endpoint(execute, team, url=URL)
    execute("UPDATE outgoing_endpoint SET failing_since = now(), quiet_until = now()", {})
    for same in ({"description": "Theirs"}, {"url": URL}):
        assert endpoints.update_endpoint(execute, team, made.id, **same).failing_since
        assert quiet_until(execute)
    changed = endpoints.update_endpoint(execute, team, made.id, url=f"{URL}/new")
    assert changed.failing_since is None
    assert quiet_until(execute) is None


def test_who_is_switched_on_again_is_told_at_once(execute: Execute, team: int) -> None:
    made, _ = create_endpoint(execute, team, url=URL)
    endpoints.disable_endpoint(execute, team, made.id)
    execute("UPDATE outgoing_endpoint SET quiet_until = now()", {})
    endpoints.enable_endpoint(execute, team, made.id)
    assert quiet_until(execute) is None


def test_nobody_sees_or_changes_those_of_another_team(
    execute: Execute, team: int, other_team: int
) -> None:
    made, _ = create_endpoint(execute, team, url=URL)
    assert list_endpoints(execute, other_team) == []
    for reach in (
        endpoints.get_endpoint,
        endpoints.update_endpoint,
        endpoints.rotate_secret,
        endpoints.enable_endpoint,
        endpoints.disable_endpoint,
        endpoints.delete_endpoint,
    ):
        with pytest.raises(Problem) as refused:
            reach(execute, other_team, made.id)
        assert refused.value.status == 404
    assert list_endpoints(execute, team) == [made]


def test_a_team_has_so_many_and_no_more(execute: Execute, team: int, other_team: int) -> None:
    for _ in range(endpoints.MOST_ENDPOINTS):
        create_endpoint(execute, team, url=URL)
    with pytest.raises(Problem) as refused:
        create_endpoint(execute, team, url=URL)
    assert refused.value.status == 409
    create_endpoint(execute, other_team, url=URL)


@pytest.mark.parametrize(
    ("url", "types"),
    [("https://127.0.0.1/hook", []), ("https://intranet/", []), (URL, ["member.exploded"])],
)
def test_bad_ones_are_refused_with_a_word(
    execute: Execute, team: int, url: str, types: list[str]
) -> None:
    with pytest.raises(Problem) as refused:
        create_endpoint(execute, team, url=url, event_types=types)
    assert refused.value.status == 422
    assert refused.value.extra["errors"][0]["detail"]


def test_deleting_one_takes_its_deliveries_along(execute: Execute, team: int) -> None:
    made, _ = create_endpoint(execute, team, url=URL)
    other, _ = create_endpoint(execute, team, url=URL)
    send_test(execute, team, made.id)
    kept = send_test(execute, team, other.id)
    endpoints.delete_endpoint(execute, team, made.id)
    assert list_deliveries(execute, team) == [kept]
    execute("SET CONSTRAINTS ALL IMMEDIATE", {})
