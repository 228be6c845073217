"""Password rules and hashes, the same for Django and FastAPI.

The stored form is Django's: `argon2$argon2id$v=19$m=...`, so either framework can check what the
other one stored.
"""

import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from core.env import get_settings
from core.project import project

ALGORITHM = "argon2"
MIN_LENGTH = 10
# zxcvbn's time grows with the length, and a pass phrase needs no more.
MAX_LENGTH = 72
# zxcvbn's scale goes from 0 to 4; 2 is "somewhat guessable: safe from unthrottled online attacks".
MIN_SCORE = 2


@lru_cache(maxsize=1)
def hasher() -> PasswordHasher:
    """Argon2id at the cost the settings name (OWASP's Password Storage Cheat Sheet by default)."""
    settings = get_settings()
    return PasswordHasher(
        time_cost=settings.password_time_cost,
        memory_cost=settings.password_memory_kib,
        parallelism=1,
    )


def hash_password(password: str) -> str:
    """The form that is stored. Takes about 20 ms of CPU: keep it off an event loop."""
    return f"{ALGORITHM}{hasher().hash(password)}"


def verify_password(password: str, stored: str) -> bool:
    """Whether the password is the one that was stored; false for an unusable or unknown form."""
    algorithm, dollar, rest = stored.partition("$")
    if algorithm != ALGORITHM:
        return False
    try:
        return hasher().verify(dollar + rest, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the stored form was made at another cost than the settings name today."""
    algorithm, dollar, rest = stored.partition("$")
    return algorithm == ALGORITHM and hasher().check_needs_rehash(dollar + rest)


def unusable_password() -> str:
    """The stored form that no password fits, as Django writes it; each differs from every other."""
    return f"!{secrets.token_urlsafe(30)}"


def is_usable(stored: str) -> bool:
    """Whether there is a password at all; people may log in in other ways only."""
    return not stored.startswith("!")


def problem_with_password(password: str, *, email: str = "", name: str = "") -> str | None:
    """Why the password is too weak, as a sentence for the person who chose it, or None."""
    if len(password) < MIN_LENGTH:
        return f"Choose a password of at least {MIN_LENGTH} characters."
    if len(password) > MAX_LENGTH:
        return f"Choose a password of at most {MAX_LENGTH} characters."
    known = [word for word in (email, email.partition("@")[0], name, project.name) if word]
    result = zxcvbn(password, user_inputs=known)
    if result["score"] >= MIN_SCORE:
        return None
    warning = result["feedback"]["warning"] or "This password is easy to guess"
    return f"{warning.rstrip('.')}. A few unusual words in a row are better."
