"""Demo data: `python -m service.demo` makes people to log in as. Again, it changes nothing."""

import sys

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from core.env import get_settings
from core.passwords import hash_password, verify_password
from service.accounts.models import EmailAddress, User
from service.db import database_url

# Address, name, and whether they may do everything in the admin.
PEOPLE = (("demo@example.com", "Demo", False), ("admin@example.com", "Admin", True))


def main() -> None:
    """Make the people, or give them today's `DEMO_PASSWORD`."""
    settings = get_settings()
    if settings.is_production:
        sys.exit("Demo data has a known password: it is not for production.")
    password = settings.demo_password.get_secret_value()
    if not password:
        sys.exit("DEMO_PASSWORD is missing: set it in .env or in the environment.")
    engine = create_engine(database_url())
    with Session(engine) as session, session.begin():
        for email, name, is_admin in PEOPLE:
            make_person(session, password, email, name, is_admin)
    engine.dispose()


def make_person(session: Session, password: str, email: str, name: str, is_admin: bool) -> None:
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


if __name__ == "__main__":
    main()
