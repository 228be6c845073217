"""Promises of the probes."""
