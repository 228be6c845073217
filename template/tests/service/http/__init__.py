"""Promises of every answer."""
