"""The outbox in Django: its tables, and what staff see of it."""
