"""Promises of the migrations."""
