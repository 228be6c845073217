"""Django as it is, but for how often one person may call."""

from core.api.limits import CALLS
from web.wsgi import application

__all__ = ["application"]

object.__setattr__(CALLS, "amount", 10**9)
