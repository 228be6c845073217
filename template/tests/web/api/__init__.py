"""Tests of the API as Django serves it."""
