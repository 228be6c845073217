"""Yours: promises of your product's side of the service."""
