"""The environment variables of outgoing webhooks."""

from pydantic import BaseModel


class OutgoingSettings(BaseModel):
    """Where webhooks may go."""

    # This machine, and http: for development, where a receiver runs beside the product.
    webhooks_allow_local: bool = False
