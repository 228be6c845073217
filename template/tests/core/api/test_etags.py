"""A version names what was answered, and nothing else."""

import pytest

from core.api.etags import check_match, etag, is_unchanged
from core.problems import Problem

NOW, OTHER = etag(1, "a"), etag(1, "b")


def test_other_values_are_another_version() -> None:
    assert etag(1, "a") == NOW != OTHER
    assert NOW.startswith('"')


@pytest.mark.parametrize("header", [NOW, f"W/{NOW}", f"{OTHER}, {NOW}", "*"])
def test_a_caller_who_has_it_is_told_so(header: str) -> None:
    assert is_unchanged(header, NOW)
    check_match(header, NOW)


@pytest.mark.parametrize("header", [OTHER, "", '"*"', NOW[:-2]])
def test_another_version_is_not_the_present_one(header: str) -> None:
    assert not is_unchanged(header, NOW)
    with pytest.raises(Problem) as refused:
        check_match(header, NOW)
    assert refused.value.status == 412


def test_no_header_asks_for_nothing() -> None:
    assert not is_unchanged(None, NOW)
    check_match(None, NOW)
