"""Billing in the service."""
