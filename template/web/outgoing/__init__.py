"""Outgoing webhooks in Django; `core.outgoing` explains them."""
