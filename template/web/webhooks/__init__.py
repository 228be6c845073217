"""Webhooks in Django: the ledger, and what staff see of it."""
