"""Promises about calling many at once."""
