"""How long generating takes, and how soon the first page is there. `uvx nox -s bench`."""
