"""What people read for the codes of features and limits."""

from core.billing.catalog import WORDS


def word(code: str) -> str:
    """What a feature or a limit is called."""
    return WORDS.get(code) or code.replace("-", " ").replace("_", " ").capitalize()


def lower(text: str) -> str:
    """As it stands within a sentence; "API calls" stays what it is."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def listed(names: list[str], conjunction: str = "and") -> str:
    """ "Free", "Free and Pro", "Free, Pro and Business"."""
    *some, last = names
    return f"{', '.join(some)} {conjunction} {last}" if some else last
