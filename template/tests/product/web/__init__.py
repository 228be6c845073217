"""Yours: tests of your pages."""
