"""An entry says who acted, and the system acts where nobody does."""

import json

from core.audit import SYSTEM, Actor, ActorKind, AuditAction, acting_as, current_actor, entry


def test_the_actor_of_the_request_stands_in_the_entry() -> None:
    staff = Actor(ActorKind.USER, id=1, impersonator_id=2, ip_address="192.0.2.1")
    with acting_as(staff):
        written = entry(
            AuditAction.MEMBER_ROLE_CHANGED,
            team_id=3,
            target=("user", 4),
            details={"former": "member", "new": "admin"},
        )
    assert (written["actor_kind"], written["actor_id"]) == ("user", 1)
    assert (written["impersonator_id"], written["ip_address"]) == (2, "192.0.2.1")
    assert (written["team_id"], written["target_kind"], written["target_id"]) == (3, "user", 4)
    assert json.loads(written["details"]) == {"former": "member", "new": "admin"}
    assert current_actor() == SYSTEM


def test_without_a_request_the_system_acts() -> None:
    written = entry(AuditAction.TEAM_CREATED)
    assert written["actor_kind"] == "system"
    assert written["actor_id"] is written["team_id"] is None


def test_names_of_actions_fit_their_column() -> None:
    assert all(0 < len(action) <= 64 for action in AuditAction)
