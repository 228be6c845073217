"""Nobody gets more than those give who have it: what starter kits get wrong, tried on this one."""

import pytest

from tests.service.teams.conftest import Acme

pytestmark = pytest.mark.anyio


async def test_members_are_listed_without_secrets(acme: Acme) -> None:
    page = await acme.ask("member", "GET", "/members")
    assert [(each["name"], each["role"]) for each in page.json()["items"]] == [
        ("Owner", "owner"),
        ("Admin", "admin"),
        ("Member", "member"),
    ]
    assert "argon2" not in page.text


async def test_an_outsider_finds_no_way_in(acme: Acme) -> None:
    """The chain that was seen: join oneself, become admin, remove the owner."""
    before, outsider = acme.roles(), acme.ids["outsider"]
    attempts: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("GET", "", {}),
        ("POST", "/members", {"user_id": outsider}),
        ("PATCH", f"/members/{outsider}", {"role": "owner"}),
        ("DELETE", f"/members/{acme.ids['owner']}", {}),
        ("POST", "/invitations", {"email": "outsider@example.com", "role": "owner"}),
        ("POST", "/transfer", {"user_id": outsider}),
        ("POST", "/leave", {}),
    )
    for method, path, body in attempts:
        answer = await acme.ask("outsider", method, path, **body)
        assert answer.status_code in (404, 405), path
        assert "Acme" not in answer.text
    assert acme.roles() == before
    assert acme.audit() == []


@pytest.mark.parametrize(
    ("who", "whom", "role", "status"),
    [
        ("owner", "member", "admin", 200),
        ("owner", "member", "owner", 200),
        ("owner", "owner", "admin", 409),
        ("admin", "member", "admin", 200),
        ("admin", "admin", "member", 200),
        ("admin", "admin", "owner", 403),
        ("admin", "member", "owner", 403),
        ("admin", "owner", "member", 403),
        ("member", "member", "admin", 403),
        ("owner", "outsider", "member", 404),
        ("owner", "member", "king", 422),
    ],
)
async def test_roles_are_changed_by_those_who_have_them(
    acme: Acme, who: str, whom: str, role: str, status: int
) -> None:
    before = acme.roles()
    answer = await acme.ask(who, "PATCH", f"/members/{acme.ids[whom]}", role=role)
    assert answer.status_code == status
    if status != 200:
        assert acme.roles() == before
        assert acme.audit() == []
        return
    former = before[acme.ids[whom]]
    assert answer.json()["role"] == acme.roles()[acme.ids[whom]] == role
    changed = {"former": former, "new": role}
    assert acme.audit() == [("member.role_changed", acme.ids[whom], changed)]


@pytest.mark.parametrize(
    ("who", "whom", "status"),
    [
        ("owner", "admin", 204),
        ("owner", "owner", 409),
        ("admin", "member", 204),
        ("admin", "admin", 204),
        ("admin", "owner", 403),
        ("member", "admin", 403),
        ("member", "member", 403),
        ("owner", "outsider", 404),
    ],
)
async def test_members_are_removed_by_those_above_them(
    acme: Acme, who: str, whom: str, status: int
) -> None:
    before = acme.roles()
    answer = await acme.ask(who, "DELETE", f"/members/{acme.ids[whom]}")
    assert answer.status_code == status
    if status != 204:
        assert acme.roles() == before
        return
    assert acme.ids[whom] not in acme.roles()
    # At once, whatever they still hold in their hands.
    assert (await acme.ask(whom, "GET", "/members")).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "who"),
    [
        ("PATCH", "/members/{admin}", {"role": "member"}, "owner"),
        ("DELETE", "/members/{admin}", {}, "owner"),
        ("POST", "/leave", {}, "admin"),
    ],
)
async def test_what_somebody_sent_goes_with_their_role(
    acme: Acme, method: str, path: str, body: dict[str, object], who: str
) -> None:
    for inviter in ("owner", "admin"):
        new = {"email": f"{inviter}s@example.org", "role": "member"}
        assert (await acme.ask(inviter, "POST", "/invitations", **new)).status_code == 201
    answer = await acme.ask(who, method, path.format(**acme.ids), **body)
    assert answer.status_code < 300
    left = (await acme.ask("owner", "GET", "/invitations")).json()["items"]
    assert [each["email"] for each in left] == ["owners@example.org"]
    assert acme.audit()[-1][0] == "invitation.revoked"


async def test_who_gives_the_team_away_gives_up_owners_whom_they_invited(acme: Acme) -> None:
    for role in ("owner", "member"):
        new = {"email": f"{role}s@example.org", "role": role}
        assert (await acme.ask("owner", "POST", "/invitations", **new)).status_code == 201
    given = await acme.ask("owner", "POST", "/transfer", user_id=acme.ids["admin"])
    assert given.status_code == 200
    left = (await acme.ask("owner", "GET", "/invitations")).json()["items"]
    assert [each["email"] for each in left] == ["members@example.org"]


async def test_nothing_but_the_role_is_written(acme: Acme) -> None:
    answer = await acme.ask(
        "owner", "PATCH", f"/members/{acme.ids['member']}", role="admin", user_id=1, team_id=1
    )
    assert answer.status_code == 422
