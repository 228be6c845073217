"""Opaque bearer tokens: random, shown once, stored as digests."""

import hashlib
import secrets


def new_token(prefix: str) -> str:
    """A token of 256 random bits, such as `session_3vK...`; the prefix tells people what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(token: str) -> str:
    """What is stored of a token: 64 hexadecimal digits.

    A plain SHA-256 is enough, because 256 random bits cannot be guessed; that keeps the look-up
    one indexed comparison.
    """
    return hashlib.sha256(token.encode()).hexdigest()
