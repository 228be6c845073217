"""Yours: tests of what both frameworks share."""
