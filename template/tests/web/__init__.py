"""Tests of Django."""
