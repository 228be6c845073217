"""Yours: your product. The template seeded this folder and never touches it again."""
