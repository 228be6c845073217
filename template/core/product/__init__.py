"""Yours: what your product adds to `core`. The template never touches this folder again."""
