from collections.abc import Callable

import pytest

from tests.service.conftest import make_client
from tests.service.teams.conftest import API, Acme

pytestmark = pytest.mark.anyio


async def test_a_person_makes_a_team_and_owns_it(acme: Acme) -> None:
    made = await acme.clients["outsider"].post(f"{API}/teams", json={"name": " New "})
    assert made.status_code == 201
    team = made.json()
    assert (team["name"], team["role"], team["is_personal"]) == ("New", "owner", False)
    listed = (await acme.clients["outsider"].get(f"{API}/teams")).json()
    assert [(each["name"], each["is_personal"]) for each in listed["items"]] == [
        ("Outsider", True),
        ("New", False),
    ]
    assert listed["next_cursor"] is None


async def test_nobody_owns_more_teams_than_anybody_needs(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.teams.rules.MOST_TEAMS", 2)
    outsider = acme.clients["outsider"]
    assert (await outsider.post(f"{API}/teams", json={"name": "New"})).status_code == 201
    refused = await outsider.post(f"{API}/teams", json={"name": "New"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:too-many")


async def test_teams_are_listed_page_by_page(acme: Acme) -> None:
    owner, names, cursor = acme.clients["owner"], [], ""
    for number in range(3):
        await owner.post(f"{API}/teams", json={"name": f"New {number}"})
    while True:
        page = (await owner.get(f"{API}/teams?limit=2{cursor}")).json()
        names += [team["name"] for team in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == ["Owner", "Acme", "New 0", "New 1", "New 2"]


async def test_a_team_is_renamed_once_for_each_version(acme: Acme) -> None:
    first = (await acme.ask("owner", "GET")).headers["ETag"]
    known = await acme.clients["owner"].get(
        f"{API}/teams/{acme.id}", headers={"If-None-Match": first}
    )
    assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", first)

    async def rename(name: str) -> int:
        answer = await acme.clients["owner"].patch(
            f"{API}/teams/{acme.id}", json={"name": name}, headers={"If-Match": first}
        )
        return answer.status_code

    assert await rename("First") == 200
    assert await rename("Second") == 412
    assert (await acme.ask("owner", "GET")).json()["name"] == "First"
    assert acme.audit() == [("team.renamed", acme.id, {"former": "Acme", "new": "First"})]


async def test_members_leave_and_the_last_owner_does_not(acme: Acme) -> None:
    assert (await acme.ask("member", "POST", "/leave")).status_code == 204
    refused = await acme.ask("owner", "POST", "/leave")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:problem:last-owner")
    assert (await acme.ask("member", "GET")).status_code == 404
    left = ("member.left", acme.ids["member"], {"role": "member"})
    assert acme.audit() == [left]


async def test_a_team_is_given_away(acme: Acme) -> None:
    for user_id, status in ((acme.ids["outsider"], 404), (acme.ids["owner"], 409)):
        answer = await acme.ask("owner", "POST", "/transfer", user_id=user_id)
        assert answer.status_code == status
    answer = await acme.ask("owner", "POST", "/transfer", user_id=acme.ids["member"])
    assert (answer.status_code, answer.json()["role"]) == (200, "owner")
    roles = acme.roles()
    assert roles[acme.ids["member"]] == "owner"
    assert roles[acme.ids["owner"]] == "admin"


async def test_a_team_goes_with_all_that_is_in_it_but_its_history(
    acme: Acme, make_key: Callable[..., str]
) -> None:
    make_key(acme.id)
    await acme.ask("owner", "POST", "/invitations", email="new@example.com")
    assert (await acme.ask("owner", "DELETE")).status_code == 204
    for table in ("teams_membership", "teams_apikey", "teams_invitation"):
        left = acme.database.execute(
            f"SELECT 1 FROM {table} WHERE team_id = %s",  # noqa: S608  a name of ours
            [acme.id],
        )
        assert left.fetchone() is None
    assert acme.audit()[-1] == ("team.deleted", acme.id, {"name": "Acme"})
    assert (await acme.ask("owner", "GET")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", ""), ("POST", "/leave"), ("POST", "/invitations")]
)
async def test_a_personal_team_stays_one(acme: Acme, method: str, path: str) -> None:
    owner = acme.clients["owner"]
    personal = (await owner.get(f"{API}/teams")).json()["items"][0]
    body = {"email": "new@example.com"} if path == "/invitations" else None
    answer = await owner.request(method, f"{API}/teams/{personal['id']}{path}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:problem:personal-team")


async def test_a_key_sees_its_team_and_makes_none(acme: Acme, make_key: Callable[..., str]) -> None:
    app = acme.clients["owner"]._transport.app  # type: ignore[attr-defined]
    async with make_client(app, token=make_key(acme.id, "read", "write")) as program:
        listed = (await program.get(f"{API}/teams")).json()["items"]
        assert [(team["id"], team["role"]) for team in listed] == [(acme.id, None)]
        made = await program.post(f"{API}/teams", json={"name": "New"})
        assert (made.status_code, made.json()["type"]) == (403, "urn:problem:person-required")
