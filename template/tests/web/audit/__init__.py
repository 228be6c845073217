"""Tests of the audit log in Django."""
