"""Tests state what the project promises; the folders mirror the packages."""

# Seconds until a test gives up on what it waits for: only a broken promise takes so long, also on a
# slow machine with other work.
PATIENCE = 120.0
