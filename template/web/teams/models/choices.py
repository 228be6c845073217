"""The words of the roles table as Django's fields want them."""

from core.teams.roles import Role, Scope


def choices(words: type[Role] | type[Scope]) -> list[tuple[str, str]]:
    """Each word, and how people read it."""
    return [(word.value, word.value.capitalize()) for word in words]
