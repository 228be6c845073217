"""Billing in Django: the mirror of what Stripe knows, its pages, and what staff see of it."""
