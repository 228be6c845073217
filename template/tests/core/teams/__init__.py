"""Tests of the rules of teams."""
