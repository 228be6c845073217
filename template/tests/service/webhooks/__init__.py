"""What other companies tell."""
