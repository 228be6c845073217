"""The pages of teams. Whatever changes something is a POST."""
