"""A request that is sent again under its key has one effect, and the same answer byte for byte."""

import pytest

from tests.service.teams.conftest import API, Acme, acme

pytestmark = pytest.mark.anyio

__all__ = ["acme"]


async def post(
    acme: Acme, key: str, name: str = "New", who: str = "owner"
) -> tuple[int, bytes, str]:
    answer = await acme.clients[who].post(
        f"{API}/teams", json={"name": name}, headers={"Idempotency-Key": key}
    )
    return answer.status_code, answer.content, answer.headers.get("Idempotent-Replayed", "")


def teams(acme: Acme) -> int:
    row = acme.database.execute(
        "SELECT count(*) AS n FROM teams_team WHERE name = 'New'"
    ).fetchone()
    assert row
    return int(row["n"])


async def test_the_answer_is_repeated_and_the_effect_is_not(acme: Acme) -> None:
    first, second = await post(acme, "a"), await post(acme, "a")
    assert (first[0], first[2], second[2]) == (201, "", "true")
    assert second[:2] == first[:2]
    assert teams(acme) == 1


async def test_a_key_is_for_one_request_of_one_caller(acme: Acme) -> None:
    await post(acme, "a")
    other = await post(acme, "a", name="Other")
    assert (other[0], b"idempotency-key-reused" in other[1]) == (422, True)
    assert (await post(acme, "a", who="member"))[0] == 201
    assert teams(acme) == 2


async def test_what_failed_may_be_repeated(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("core.teams.rules.MOST_TEAMS", 0)
        assert (await post(acme, "a"))[0] == 409
    assert (await post(acme, "a"))[0] == 201


async def test_what_is_kept_cannot_be_read(acme: Acme) -> None:
    answer = await acme.clients["owner"].post(
        f"{API}/teams/{acme.id}/api-keys",
        json={"name": "x"},
        headers={"Idempotency-Key": "a"},
    )
    row = acme.database.execute("SELECT * FROM api_idempotencykey").fetchone()
    assert answer.json()["key"] not in str(row)
    repeated = await acme.clients["owner"].post(
        f"{API}/teams/{acme.id}/api-keys",
        json={"name": "x"},
        headers={"Idempotency-Key": "a"},
    )
    assert repeated.json()["key"] == answer.json()["key"]


@pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
async def test_a_bad_key_is_refused(acme: Acme, key: str) -> None:
    assert (await post(acme, key))[0] == 422
    assert teams(acme) == 0
