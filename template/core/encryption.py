"""Secrets that must be read again: stored encrypted, under a key made from `SECRET_KEY`.

What never has to be read again (tokens, keys of the API) is stored as a digest: see `core.tokens`.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.env import get_settings

# Keeps this key apart from whatever else is made from the same secret.
PURPOSE = b"core.encryption"


class UnreadableSecret(Exception):
    """The text was encrypted under a key that is no longer known, or was changed since."""


def encrypt(text: str) -> str:
    """The text under today's `SECRET_KEY`, as letters that any column holds (Fernet)."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(encrypted: str) -> str:
    """The text, also when it was encrypted under one of `SECRET_KEY_FALLBACKS`.

    Raises `UnreadableSecret` when none of the keys fits.
    """
    try:
        return _fernet().decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret("no key of SECRET_KEY and SECRET_KEY_FALLBACKS fits") from None


@lru_cache(maxsize=1)
def _fernet() -> MultiFernet:
    settings = get_settings()
    keys = [settings.secret_key, *settings.secret_key_fallbacks]
    return MultiFernet([Fernet(_derive(key.get_secret_value())) for key in keys])


def _derive(secret: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
