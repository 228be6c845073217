"""What web and service agree on. Imports neither framework."""
