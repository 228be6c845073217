"""Tests state what the project promises; the folders mirror the packages."""
