"""Demo data: `python -m service.demo` makes people to log in as. Again, it changes nothing."""

import sys

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from core.env import get_settings
from core.passwords import hash_password, verify_password
from core.teams.roles import Role
from service.accounts.models import EmailAddress, User
from service.db import database_url
from service.product.demo import add_demo_data
from service.teams.models import Membership, Team
from service.teams.scope import ScopedSession

# Address, name, and whether they may do everything in the admin.
PEOPLE = (
    ("demo@example.com", "Demo", False),
    ("member@example.com", "Member", False),
    ("admin@example.com", "Admin", True),
)
TEAM = "Acme"


def main() -> None:
    """Make the people and their team, or give them today's `DEMO_PASSWORD`."""
    settings = get_settings()
    if settings.is_production:
        sys.exit("Demo data has a known password: it is not for production.")
    password = settings.demo_password.get_secret_value()
    if not password:
        sys.exit("DEMO_PASSWORD is missing: set it in .env or in the environment.")
    engine = create_engine(database_url())
    with ScopedSession(engine) as session, session.begin():
        owner, member, _ = (make_person(session, password, *person) for person in PEOPLE)
        make_team(session, owner, member)
    engine.dispose()


def make_person(session: Session, password: str, email: str, name: str, is_admin: bool) -> User:
    """A user with a verified address."""
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        address = EmailAddress(email=email, primary=True, verified=True)
        user = User(
            email=email,
            password="",
            name=name,
            is_staff=is_admin,
            is_superuser=is_admin,
            emails=[address],
        )
        session.add(user)
    if not verify_password(password, user.password):
        user.password = hash_password(password)
    session.flush()
    return user


def make_team(session: Session, owner: User, member: User) -> None:
    """Their team, with something to work on."""
    team = session.scalar(
        select(Team).join(Membership).where(Team.name == TEAM, Membership.user_id == owner.id)
    )
    if team is None:
        team = Team(name=TEAM)
        session.add(team)
        for user, role in ((owner, Role.OWNER), (member, Role.MEMBER)):
            session.add(Membership(team=team, user_id=user.id, role=role))
        session.flush()
    add_demo_data(session, team, owner)


if __name__ == "__main__":
    main()
