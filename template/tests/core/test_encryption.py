"""What is encrypted can be read with today's key and with former ones, and with no other."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import encryption, env
from core.encryption import UnreadableSecret, decrypt, encrypt

Keys = Callable[..., None]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keys]:
    """Changes the keys; the rest of the test sees them."""

    def forget() -> None:
        env._load.cache_clear()
        encryption._fernet.cache_clear()

    def change(key: str, *former: str) -> None:
        monkeypatch.setenv("SECRET_KEY", key)
        monkeypatch.setenv("SECRET_KEY_FALLBACKS", ",".join(former))
        forget()

    yield change
    monkeypatch.undo()
    forget()


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    encrypted = encrypt(text)
    assert decrypt(encrypted) == text
    assert encrypt(text) != encrypted


def test_a_new_key_reads_what_the_former_one_wrote(keys: Keys) -> None:
    keys("a" * 40)
    written = encrypt("JBSWY3DPEHPK3PXP")
    keys("b" * 40, "a" * 40)
    assert decrypt(written) == "JBSWY3DPEHPK3PXP"
    keys("a" * 40)
    with pytest.raises(UnreadableSecret):
        decrypt(_written_under(keys, "b" * 40))


def _written_under(keys: Keys, key: str) -> str:
    keys(key)
    written = encrypt("text")
    keys("a" * 40)
    return written


def test_a_changed_text_is_refused() -> None:
    written = encrypt("text")
    flipped = "B" if written[20] == "A" else "A"
    with pytest.raises(UnreadableSecret):
        decrypt(written[:20] + flipped + written[21:])
