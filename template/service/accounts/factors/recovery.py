"""Ten codes for the day the phone is lost, each good once; made from a seed as allauth makes them.

The same as `allauth.mfa.recovery_codes.internal.auth`, so that codes stay good in another stack.
"""

import hmac
import secrets
from typing import Any

from core.encryption import decrypt, encrypt
from service.accounts.models import Authenticator, now

TYPE = "recovery_codes"
COUNT = 10
DIGITS = 8


def new_data() -> dict[str, Any]:
    """What is stored of new codes: the seed encrypted, and which of them are used."""
    return {"seed": encrypt(secrets.token_hex(40)), "used_mask": 0}


def codes_of(data: dict[str, Any]) -> list[str]:
    """All codes, used ones too."""
    # One HMAC that goes on, as allauth does it: each code depends on those before.
    made = hmac.new(decrypt(data["seed"]).encode("ascii"), digestmod="sha1")
    codes = []
    for number in range(COUNT):
        made.update(f"{number:3},".encode())
        value = int.from_bytes(made.digest()[: DIGITS // 2], "big") % 10**DIGITS
        codes.append(f"{value:0{DIGITS}}")
    return codes


def left(data: dict[str, Any]) -> int:
    """How many codes are unused."""
    return COUNT - int(data["used_mask"]).bit_count()


def use_code(authenticator: Authenticator, code: str) -> bool:
    """Whether the code is right and unused; notes its use in the locked row."""
    digits = "".join(digit for digit in code if digit.isalnum())
    mask = int(authenticator.data["used_mask"])
    for number, right in enumerate(codes_of(authenticator.data)):
        unused = not mask & (1 << number)
        if secrets.compare_digest(right.encode(), digits.encode()) and unused:
            authenticator.data = {**authenticator.data, "used_mask": mask | (1 << number)}
            authenticator.last_used_at = now()
            return True
    return False
