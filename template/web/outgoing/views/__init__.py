"""The pages of outgoing webhooks."""
