"""Billing by the API, with a stand-in for Stripe."""
