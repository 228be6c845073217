"""Password rules and hashes, as `core.passwords` has them for every framework."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

from core.env import get_settings
from core.passwords import MIN_LENGTH, problem_with_password


class Argon2Hasher(Argon2PasswordHasher):
    """Django's hasher at the cost that the settings name."""

    time_cost = get_settings().password_time_cost
    memory_cost = get_settings().password_memory_kib
    parallelism = 1


class StrengthValidator:
    """Refuses what is easy to guess."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` with the reason."""
        email, name = getattr(user, "email", ""), getattr(user, "name", "")
        if problem := problem_with_password(password, email=email, name=name):
            raise ValidationError(problem, code="password_too_weak")

    def get_help_text(self) -> str:
        """What the form says below the field."""
        return f"At least {MIN_LENGTH} characters; a few unusual words in a row are good."
