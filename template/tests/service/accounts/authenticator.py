"""A phone or security key in software: makes passkeys and signs with them, as browsers do.

Steps and formats: https://www.w3.org/TR/webauthn-3/#sctn-op-make-cred and #sctn-op-get-assertion
"""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

Json = dict[str, Any]

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes behind `encode`."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """Holds one passkey. What it is told to do wrong, it does."""

    origin: str = "http://testserver"
    rp_id: str = "testserver"
    verifies_user: bool = True
    # Some count uses, others always say 0.
    counts: bool = True
    uses: int = 0
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: str = ""

    def make(self, options: Json) -> Json:
        """A new passkey, as `navigator.credentials.create()` answers."""
        assert options["rp"]["id"] == "testserver"
        assert options["authenticatorSelection"]["userVerification"] == "required"
        excluded = [known["id"] for known in options.get("excludeCredentials", [])]
        assert encode(self.id) not in excluded, "this authenticator is known already"
        self.user_handle = options["user"]["id"]
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + self.cose_key()
        attestation = {"fmt": "none", "attStmt": {}, "authData": self.data(ATTESTED) + attested}
        return self.credential(
            clientDataJSON=self.client_data("webauthn.create", options["challenge"]),
            attestationObject=encode(encode_cbor(attestation)),
            transports=["internal", "hybrid"],
        )

    def use(self, options: Json) -> Json:
        """A proof, as `navigator.credentials.get()` answers."""
        assert options["rpId"] == "testserver"
        if self.counts:
            self.uses += 1
        client_data = self.client_data("webauthn.get", options["challenge"])
        data = self.data()
        signed = data + hashlib.sha256(decode(client_data)).digest()
        return self.credential(
            clientDataJSON=client_data,
            authenticatorData=encode(data),
            signature=encode(self.key.sign(signed, ec.ECDSA(SHA256()))),
            userHandle=self.user_handle,
        )

    def credential(self, **response: Any) -> Json:
        """What `PublicKeyCredential.toJSON()` gives."""
        return {
            "id": encode(self.id),
            "rawId": encode(self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": response,
        }

    def client_data(self, kind: str, challenge: str) -> str:
        """What the browser says about the page."""
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return encode(json.dumps(data).encode())

    def data(self, flags: int = 0) -> bytes:
        """What the authenticator says about itself."""
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.uses)

    def cose_key(self) -> bytes:
        """The public key (RFC 9053: kty EC2, alg ES256, crv P-256)."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})
