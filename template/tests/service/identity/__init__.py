"""Promises about bearer tokens."""
