"""The service as it is, but for how often one person may log in."""

from importlib.util import find_spec

from service.main import app

__all__ = ["app"]

if find_spec("service.limits"):
    from service.limits import LOGIN

    object.__setattr__(LOGIN, "per_client", "1000000/second")
    object.__setattr__(LOGIN, "per_address", "1000000/second")
