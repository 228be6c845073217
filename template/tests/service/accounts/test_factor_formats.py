"""What is stored is what django-allauth reads, and a code is good when it should be, and once."""

import hashlib

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.encryption import decrypt, encrypt
from service.accounts.factors import passkeys, recovery, totp
from service.accounts.models import Authenticator
from tests.service.accounts.authenticator import encode

# By `RecoveryCodes.generate_codes` of django-allauth 65.21, of the seed below.
SEED = "0123456789abcdef" * 5
CODES = [
    "64942586",
    "03959085",
    "07990366",
    "16418492",
    "08962862",
    "26762693",
    "03257366",
    "85808163",
    "85026242",
    "60612046",
]
# RFC 6238, appendix B, for SHA-1; the last six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_examples_of_the_specification(seconds: int, code: str) -> None:
    assert totp.matching_step(SECRET, code, at=seconds) == seconds // 30
    assert totp.matching_step(SECRET, f"{code[:3]} {code[3:]}", at=seconds) == seconds // 30


@given(
    seconds=st.integers(min_value=1_700_000_000, max_value=4_000_000_000),
    skew=st.integers(min_value=-5, max_value=5),
)
def test_a_code_is_good_a_step_before_and_after(seconds: int, skew: int) -> None:
    code = pyotp.TOTP(SECRET).at(seconds + 30 * skew)
    near = {pyotp.TOTP(SECRET).at(seconds + 30 * step) for step in (-1, 0, 1)}
    assert (totp.matching_step(SECRET, code, at=seconds) is not None) == (code in near)


@given(
    seconds=st.integers(min_value=1_700_000_000, max_value=4_000_000_000),
    skew=st.integers(min_value=-1, max_value=1),
)
def test_no_code_is_good_twice_nor_one_before_it(seconds: int, skew: int) -> None:
    used = totp.matching_step(SECRET, pyotp.TOTP(SECRET).at(seconds + 30 * skew), at=seconds)
    assert used is not None
    for step in range(used - 3, used + 1):
        code = pyotp.TOTP(SECRET).at(step * 30)
        for later in range(0, 90, 10):
            again = totp.matching_step(SECRET, code, after=used, at=seconds + later)
            # Some other code may look the same.
            assert again is None or again > used


@given(st.text(max_size=20))
def test_what_is_no_code_is_refused_without_an_error(code: str) -> None:
    if "".join(code.split()) not in {pyotp.TOTP(SECRET).at(30 * step) for step in range(3)}:
        assert totp.matching_step(SECRET, code, at=59) is None


def test_the_secret_is_stored_encrypted_under_the_name_that_allauth_reads() -> None:
    data = totp.new_data(SECRET, 7)
    assert SECRET not in str(data)
    assert decrypt(str(data["secret"])) == SECRET


def test_recovery_codes_are_those_that_allauth_makes_of_the_seed() -> None:
    data = {"seed": encrypt(SEED), "used_mask": 0}
    assert recovery.codes_of(data) == CODES


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=20))
def test_each_recovery_code_is_good_once(uses: list[int]) -> None:
    data = {"seed": encrypt(SEED), "used_mask": 0}
    factor = Authenticator(type="recovery_codes", data=data)
    used: set[int] = set()
    for number in uses:
        assert recovery.use_code(factor, CODES[number]) == (number not in used)
        used.add(number)
        assert recovery.left(factor.data) == 10 - len(used)
    assert factor.data["used_mask"] == sum(1 << number for number in used)


@given(st.text(max_size=20))
def test_what_is_no_recovery_code_is_refused_without_an_error(code: str) -> None:
    data = {"seed": encrypt(hashlib.sha256(b"other").hexdigest()), "used_mask": 0}
    if "".join(filter(str.isalnum, code)) not in recovery.codes_of(data):
        assert not recovery.use_code(Authenticator(data=data), code)


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_the_user_handle_is_read_back(user_id: int) -> None:
    handle = passkeys.user_handle(user_id)
    assert int(handle, 36) == user_id
    assert passkeys.user_id_of({"response": {"userHandle": encode(handle)}}) == user_id
