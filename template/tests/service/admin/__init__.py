"""Promises of the admin."""
