"""Yours: tests of your product."""
