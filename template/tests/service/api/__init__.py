"""Promises of the operations of the API."""
