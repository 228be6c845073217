"""Django's side of the outbox tests."""
