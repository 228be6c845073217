"""Yours: the environment variables of your product."""

from pydantic import BaseModel


class ProductSettings(BaseModel):
    """Add a field, set the variable of the same name in capitals, read it from `get_settings()`."""

    # The address that "Contact us" links to; empty hides the link. Django's pages read it: keep it.
    support_email: str = ""
