"""A language model that knows nothing and is always there: it streams real HTTP, offline."""
