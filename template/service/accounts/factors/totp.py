"""Codes of an authenticator app (RFC 6238): six digits, a new one every thirty seconds."""

import secrets
import time

import pyotp

from core.encryption import decrypt, encrypt
from core.project import project
from service.accounts.models import Authenticator, now

TYPE = "totp"
DIGITS = 6
STEP = 30  # seconds
# Clocks differ and people type slowly: the code before and the one after are good too.
TOLERANCE = 1


def new_secret() -> str:
    """160 random bits in base32, as apps want them."""
    return pyotp.random_base32(32)


def setup_uri(secret: str, email: str) -> str:
    """What a QR code holds for the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=project.name)


def matching_step(
    secret: str, code: str, *, after: int = -1, at: float | None = None
) -> int | None:
    """The time step that the code is of, later than `after`; None when it is of none near now.

    A code must not be used twice (RFC 6238, section 5.2): hand in the last step that was used.
    """
    digits = "".join(code.split())
    present = int(time.time() if at is None else at) // STEP
    totp = pyotp.TOTP(secret, interval=STEP)
    found = None
    for step in range(max(0, present - TOLERANCE), present + TOLERANCE + 1):
        right = secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode())
        if right and step > after:
            found = step
    return found


def new_data(secret: str, used_step: int) -> dict[str, str | int]:
    """What is stored: the secret encrypted, and the step whose code was used last."""
    return {"secret": encrypt(secret), "last_used_step": used_step}


def use_code(authenticator: Authenticator, code: str) -> bool:
    """Whether the code is right now and was not used; notes its use in the locked row."""
    step = matching_step(
        decrypt(authenticator.data["secret"]),
        code,
        after=authenticator.data.get("last_used_step", -1),
    )
    if step is None:
        return False
    authenticator.data = {**authenticator.data, "last_used_step": step}
    authenticator.last_used_at = now()
    return True
