"""Whoever listens to a team is told when its members come and go."""

import pytest

from service.db import sessions
from service.teams.models import Membership
from tests.service.outgoing.listening import listen, told
from tests.service.teams.conftest import Acme, acme

__all__ = ["acme"]
pytestmark = pytest.mark.anyio


async def test_who_goes_is_told(acme: Acme) -> None:
    listen(acme.id)
    member, admin = acme.ids["member"], acme.ids["admin"]
    assert (await acme.ask("owner", "DELETE", f"/members/{member}")).status_code == 204
    assert (await acme.ask("admin", "POST", "/leave")).status_code == 204
    assert told(acme.id) == [
        ("member.removed", {"member": {"user_id": member, "role": "member"}}),
        ("member.removed", {"member": {"user_id": admin, "role": "admin"}}),
    ]


async def test_who_joins_is_told_if_that_is_committed(acme: Acme) -> None:
    listen(acme.id)
    user_id = acme.ids["outsider"]
    async with sessions() as session:
        for end in (session.rollback, session.commit):
            session.add(Membership(team_id=acme.id, user_id=user_id, role="member"))
            await session.flush()
            await end()
    member = {"user_id": user_id, "role": "member"}
    assert told(acme.id) == [("member.added", {"member": member})]


async def test_a_team_goes_with_all_who_listen(acme: Acme) -> None:
    listen(acme.id)
    member = acme.ids["member"]
    assert (await acme.ask("owner", "DELETE", f"/members/{member}")).status_code == 204
    assert (await acme.ask("owner", "DELETE")).status_code == 204
    assert told(acme.id) == []
