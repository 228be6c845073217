"""Tokens cannot be guessed, and what is stored does not give them away."""

from core.tokens import digest, new_token


def test_tokens_are_named_and_never_the_same() -> None:
    tokens = {new_token("page") for _ in range(1000)}
    assert len(tokens) == 1000
    # 256 bits in base 64 take 43 characters.
    assert all(token.startswith("page_") and len(token) == 5 + 43 for token in tokens)


def test_the_digest_is_stable_and_does_not_hold_the_token() -> None:
    token = new_token("page")
    assert digest(token) == digest(token) != digest(token + "x")
    assert len(digest(token)) == 64
    assert token not in digest(token)
