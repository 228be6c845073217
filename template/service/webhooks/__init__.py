"""Webhooks in the service: taken in here, at speed."""
