"""A key belongs to one request, and its answer is not readable in the database."""

import pytest

from core.api.idempotency import attempt, finished, replayed
from core.problems import Problem

BODY = b'{"name": "Acme"}'


def test_the_answer_comes_back_and_is_stored_encrypted() -> None:
    made = attempt("user:1", "abc", "POST", "/api/v1/teams", BODY)
    stored = finished(made, 201, {"ETag": '"1"'}, '{"key": "key_secret"}')
    assert "key_secret" not in stored["answer"]
    answer = replayed(made, made.fingerprint, stored["status"], stored["answer"])
    assert (answer.status, answer.body) == (201, '{"key": "key_secret"}')
    assert answer.headers == {"ETag": '"1"'}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/v1/teams", BODY),
        ("POST", "/api/v1/teams/1", BODY),
        ("POST", "/api/v1/teams", b"{}"),
    ],
)
def test_another_request_under_the_same_key_is_refused(method: str, path: str, body: bytes) -> None:
    first = attempt("user:1", "abc", "POST", "/api/v1/teams", BODY)
    other = attempt("user:1", "abc", method, path, body)
    with pytest.raises(Problem) as refused:
        replayed(other, first.fingerprint, 201, "")
    assert refused.value.kind == "idempotency-key-reused"


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "a\n"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(Problem) as refused:
        attempt("user:1", key, "POST", "/", b"")
    assert refused.value.status == 422
