"""The migrations of the outbox: shipped, so never edit them and add none of yours."""
