"""The pages of billing. Whatever changes something is a POST."""
