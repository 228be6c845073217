"""Who is in a team."""

from ninja import Query

from core.api.schemas import Id, Member, Page, PageQuery, RoleChange
from core.problems import not_found
from core.teams.roles import Role
from web.api.caller import TeamRequest
from web.api.lists import page
from web.api.routes import Routes
from web.teams.models import Membership

router = Routes()


def shown(membership: Membership) -> Member:
    """A member as the API shows them."""
    user = membership.user
    return Member(
        user_id=user.pk,
        email=user.email,
        name=user.name,
        role=Role(membership.role),
        joined_at=membership.created_at,
    )


def find(request: TeamRequest, user_id: int) -> Membership:
    """Somebody in this team; raises 404."""
    found = request.team.memberships.select_related("user").filter(user_id=user_id).first()
    if found is None:
        raise not_found("member")
    return found


@router.operation
def list_members(request: TeamRequest, query: Query[PageQuery]) -> Page[Member]:
    """The first to come is the first."""
    return page(request.team.memberships.select_related("user"), query, shown)


@router.operation
def change_role(request: TeamRequest, user_id: Id, body: RoleChange) -> Member:
    """The member with the new role."""
    membership = find(request, user_id)
    membership.change_role(request.auth.person, body.role)
    return shown(membership)


@router.operation
def remove_member(request: TeamRequest, user_id: Id) -> None:
    """Out of the team."""
    find(request, user_id).remove(request.auth.person)
