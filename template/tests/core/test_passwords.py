"""Passwords: one rule and one stored form for every framework."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.passwords import (
    MAX_LENGTH,
    hash_password,
    needs_rehash,
    problem_with_password,
    verify_password,
)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_only_the_password_itself_verifies(password: str, other: str) -> None:
    stored = hash_password(password)
    assert verify_password(password, stored)
    assert verify_password(other, stored) == (other == password)
    assert not needs_rehash(stored)


def test_the_stored_form_is_djangos() -> None:
    assert hash_password("correct horse battery").startswith("argon2$argon2id$v=19$m=")


@pytest.mark.parametrize("stored", ["", "!unusable", "argon2", "argon2$", "md5$salt$hash", "\0"])
def test_an_unknown_stored_form_verifies_nothing(stored: str) -> None:
    assert not verify_password("", stored)
    assert not verify_password("password", stored)


def test_a_hash_of_another_cost_is_made_again() -> None:
    stored = hash_password("correct horse battery")
    assert needs_rehash(stored.replace("t=1", "t=9", 1))


@pytest.mark.parametrize(
    "password", ["short", "password123", "qwertyuiop", "a" * (MAX_LENGTH + 1), "1234567890"]
)
def test_weak_passwords_are_refused_with_a_reason(password: str) -> None:
    assert problem_with_password(password)


def test_ones_own_address_is_no_password() -> None:
    address = "maryann.longname@example.com"
    assert problem_with_password("maryann.longname", email=address)
    assert problem_with_password("maryann.longname") is None


@pytest.mark.parametrize("password", ["correct horse battery", "kT9-vQ2!xm", "läßt Öl über Öfen"])
def test_good_passwords_pass(password: str) -> None:
    assert problem_with_password(password) is None
