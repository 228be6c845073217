"""Promises about teams."""
