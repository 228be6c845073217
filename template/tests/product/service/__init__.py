"""Yours: tests of your part of the service."""
