"""The API and the admin of outgoing webhooks in the service."""
