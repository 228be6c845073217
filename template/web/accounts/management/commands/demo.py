"""`manage.py demo`: the people that development starts with, and what they work on."""

from importlib import import_module

from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.module_loading import module_has_submodule

from core.env import get_settings
from core.teams.roles import Role
from web.accounts.models import User
from web.teams.models import Team

# Address, name, and whether they may do everything in the admin.
PEOPLE = (
    ("demo@example.com", "Dana Demo", False),
    ("member@example.com", "Mika Member", False),
    ("admin@example.com", "Alex Admin", True),
)
TEAM = "Acme"


class Command(BaseCommand):
    """Make the demo users and their team, or bring them back to what they were."""

    help = __doc__ or ""

    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        """Raises `CommandError` in production and without DEMO_PASSWORD."""
        settings = get_settings()
        password = settings.demo_password.get_secret_value()
        if settings.is_production:
            raise CommandError("Demo users have no place in production.")
        if not password:
            raise CommandError("DEMO_PASSWORD is not set: `uv run just dev` puts it into .env.")
        owner, member, _ = (self.make_person(password, *person) for person in PEOPLE)
        self.make_team(owner, member)

    def make_person(self, password: str, email: str, name: str, is_staff: bool) -> User:
        """A user with a verified address."""
        user, _ = User.objects.update_or_create(
            email=email,
            defaults={"name": name, "is_staff": is_staff, "is_superuser": is_staff},
        )
        # Keep a hash that fits: a new one would end the sessions of the last run.
        if not user.check_password(password):
            user.set_password(password)
            user.save()
        EmailAddress.objects.update_or_create(
            user=user, email=email, defaults={"verified": True, "primary": True}
        )
        return user

    def make_team(self, owner: User, member: User) -> None:
        """Their team, with something to work on."""
        team = Team.objects.filter(name=TEAM, memberships__user=owner).first()
        if team is None:
            team = Team.objects.create_for(owner, TEAM)
            team.memberships.create(user=member, role=Role.MEMBER)
        # What an application has in its `demo.py`; yours is in `web/product/demo.py`.
        for config in apps.get_app_configs():
            if config.module and module_has_submodule(config.module, "demo"):
                import_module(f"{config.name}.demo").add_demo_data(team, owner)
