"""The outside world, offline: database, broker, mailbox and more for development and for tests.

Nothing of the product imports this package.

- `dev.py` runs the whole product in one terminal; `processes.py` lists what it runs.
- `testing.py` and `pytest_servers.py` give a command or a test run servers of its own.
- `mailbox/` and `oidc/` stand in for mail and for the providers that people log in with.
- `postgres.py` and `valkey.py` start real servers; `children.py` starts every process so that
  none outlives the one that started it.
"""
