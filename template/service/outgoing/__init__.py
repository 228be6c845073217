"""Outgoing webhooks here; `core.outgoing` explains them."""
