"""Demo data: `python -m service.demo` makes people to log in as. Again, it changes nothing."""

import sys

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from core.env import get_settings
from core.passwords import hash_password, verify_password
from service.accounts.models import EmailAddress, User
from service.db import database_url

PEOPLE = (
    {"email": "demo@example.com", "name": "Demo", "is_staff": False, "is_superuser": False},
    {"email": "admin@example.com", "name": "Admin", "is_staff": True, "is_superuser": True},
)


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
        for person in PEOPLE:
            make_person(session, password, **person)
    engine.dispose()


def make_person(session: Session, password: str, *, email: str, **fields: str | bool) -> None:
    """A user with a verified address."""
    user = session.scalar(select(User).where(User.email == email))
    if user is None:
        address = EmailAddress(email=email, primary=True, verified=True)
        user = User(email=email, password="", emails=[address], **fields)
        session.add(user)
    if not verify_password(password, user.password):
        user.password = hash_password(password)


if __name__ == "__main__":
    main()
