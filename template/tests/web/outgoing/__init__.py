"""The API, the pages and the admin of outgoing webhooks in Django."""
