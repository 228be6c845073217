"""Promises about what the service knows of people whom Django signed in."""
