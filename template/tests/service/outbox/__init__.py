"""The service's side of the outbox tests."""
