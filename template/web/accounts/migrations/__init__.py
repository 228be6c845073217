"""The migrations of the accounts: shipped, so never edit them and add none of yours."""
