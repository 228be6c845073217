"""Proof that the service knows the people whom Django signed in."""
