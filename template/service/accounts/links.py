"""Links that are mailed: signed, timed, and each good for one purpose.

Documentation: https://itsdangerous.palletsprojects.com/en/stable/url_safe/
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from core.env import get_settings
from core.tokens import digest
from service.accounts.models import EmailAddress, User


@dataclass(frozen=True)
class Purpose:
    """What a link is for; a token for one purpose opens no other."""

    salt: str
    page: str
    lifetime: timedelta

    def sign(self, content: dict[str, Any]) -> str:
        """A token that carries the content in the clear, and proves that we wrote it."""
        return self._serializer().dumps(content)

    def read(self, token: str) -> dict[str, Any] | None:
        """What the token carries, or None when it is forged, too old or for another purpose."""
        try:
            content = self._serializer().loads(token, max_age=int(self.lifetime.total_seconds()))
        except BadData:
            return None
        return content if isinstance(content, dict) else None

    def link(self, content: dict[str, Any]) -> str:
        """The address of the page that takes the token."""
        return f"{get_settings().origin}{self.page}?token={self.sign(content)}"

    def _serializer(self) -> URLSafeTimedSerializer:
        settings = get_settings()
        # The last key signs; the others are still believed.
        keys = [*reversed(settings.secret_key_fallbacks), settings.secret_key]
        return URLSafeTimedSerializer(
            [key.get_secret_value() for key in keys],
            salt=self.salt,
            signer_kwargs={"digest_method": hashlib.sha256},
        )


VERIFY_EMAIL = Purpose("accounts.verify-email", "/verify-email", timedelta(days=3))
RESET_PASSWORD = Purpose("accounts.reset-password", "/reset-password", timedelta(hours=1))


def verification_content(address: EmailAddress) -> dict[str, Any]:
    """Names the address, so that the link is void once the address is another one."""
    return {"id": address.id, "email": address.email}


def reset_content(user: User) -> dict[str, Any]:
    """Bound to the present password: once it is changed, the link is void."""
    return {"id": user.id, "email": user.email, "password": password_mark(user.password)}


def password_mark(stored: str) -> str:
    """Tells one stored password from the next, and nothing about either."""
    return digest(stored)[:32]
