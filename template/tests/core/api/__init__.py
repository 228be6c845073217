"""Tests of the contract of the API."""
