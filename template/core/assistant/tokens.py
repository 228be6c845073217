"""Tokens, where the provider did not count them."""

from dataclasses import dataclass

# What a token of English is on average; of other scripts, which take more bytes, it is fewer.
BYTES = 4


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer took, as the provider counted it or as it is reckoned."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        """What the budget and the meter count."""
        return self.prompt + self.completion


def estimate(text: str) -> int:
    """About how many tokens a text is."""
    return -(-len(text.encode()) // BYTES)
