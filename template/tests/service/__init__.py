"""The service, driven over ASGI with a real database, broker and mailbox."""
