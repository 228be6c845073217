"""Tests of teams in Django."""
