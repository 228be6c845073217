"""`Idempotency-Key`: a POST that is sent twice has one effect, and both get the same answer.

The row is written in the transaction of the request, so a request that failed leaves none and may
be repeated. A second request that comes while the first still runs waits for it at the row. The
stored answer is encrypted: it may show a new key.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.encryption import decrypt, encrypt
from core.problems import Problem, invalid
from core.tokens import digest

HEADER = "Idempotency-Key"
KEEP_HOURS = 24
KEY = re.compile(r"[\x21-\x7e]{1,255}")

# Answers no row when there is one already. Waits for a request under the same key that still runs.
CLAIM = """
    INSERT INTO api_idempotencykey (caller, key, fingerprint, status, answer, created_at)
    VALUES (%(caller)s, %(key)s, %(fingerprint)s, 0, '', now())
    ON CONFLICT (caller, key) DO NOTHING
    RETURNING id
"""
FIND = """
    SELECT fingerprint, status, answer FROM api_idempotencykey
    WHERE caller = %(caller)s AND key = %(key)s
"""
FINISH = """
    UPDATE api_idempotencykey SET status = %(status)s, answer = %(answer)s
    WHERE caller = %(caller)s AND key = %(key)s
"""
PURGE = f"""
    DELETE FROM api_idempotencykey WHERE created_at < now() - interval '{KEEP_HOURS} hours'
"""  # noqa: S608  the number is ours


@dataclass(frozen=True)
class Attempt:
    """One request under a key; `caller` is such as `user:1` or `key:2`."""

    caller: str
    key: str
    fingerprint: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements are executed with."""
        return {"caller": self.caller, "key": self.key, "fingerprint": self.fingerprint}


@dataclass(frozen=True)
class StoredAnswer:
    """What the first request was answered."""

    status: int
    headers: Mapping[str, str]
    body: str


def attempt(caller: str, key: str, method: str, path: str, body: bytes) -> Attempt:
    """The attempt that a request is; raises 422 for a key that is none."""
    if not KEY.fullmatch(key):
        raise invalid([(f"header/{HEADER}", "Send 1 to 255 visible ASCII characters.")])
    fingerprint = digest(f"{method} {path} {body.hex()}")
    return Attempt(caller=caller, key=key, fingerprint=fingerprint)


def finished(made: Attempt, status: int, headers: Mapping[str, str], body: str) -> dict[str, Any]:
    """What `FINISH` is executed with."""
    answer = encrypt(json.dumps({"headers": dict(headers), "body": body}))
    return {**made.parameters, "status": status, "answer": answer}


def replayed(made: Attempt, fingerprint: str, status: int, answer: str) -> StoredAnswer:
    """The answer from the columns of `FIND`; raises 422 when that was another request."""
    if fingerprint != made.fingerprint:
        raise Problem(
            422,
            "idempotency-key-reused",
            "This key belongs to another request",
            f"Take a new {HEADER} for each request; repeat one only with the same body.",
        )
    stored = json.loads(decrypt(answer))
    return StoredAnswer(status=status, headers=stored["headers"], body=stored["body"])
