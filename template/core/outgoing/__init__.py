"""Webhooks of ours: what happens in a team is told to the addresses that the team names.

`emit` writes, in the transaction of the change itself, the event and one delivery for each endpoint
that wants it; so a rollback tells nobody, and a commit tells everybody once. A worker delivers,
signed as Standard Webhooks says, and tries again for a day. `docs/webhooks.md` has the rest.
"""
