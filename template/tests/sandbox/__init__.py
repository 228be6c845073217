"""Promises of the sandbox, held by real processes."""
