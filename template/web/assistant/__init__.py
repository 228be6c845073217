"""The assistant's page, and what staff see of it; the service streams."""
