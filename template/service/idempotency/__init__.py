"""Requests that may be repeated without a second effect."""
