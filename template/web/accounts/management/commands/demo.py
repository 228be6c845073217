"""`manage.py demo`: the two people that development starts with."""

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.env import get_settings
from web.accounts.models import User

PEOPLE = (
    ("demo@example.com", "Dana Demo", False),
    ("admin@example.com", "Alex Admin", True),
)


class Command(BaseCommand):
    """Make the demo users, or bring them back to what they were."""

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
        for email, name, is_staff in PEOPLE:
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
