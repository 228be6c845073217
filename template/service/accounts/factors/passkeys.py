"""Passkeys (WebAuthn), stored in django-allauth's format, checked by `webauthn`.

Documentation: https://duo-labs.github.io/py_webauthn/ and https://www.w3.org/TR/webauthn-3/
"""

import json
from typing import Any

import structlog
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    options_to_json_dict,
    parse_attestation_object,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.env import get_settings
from core.project import project
from service.accounts.models import Authenticator, now

log = structlog.get_logger(__name__)

TYPE = "webauthn"
# What browsers send takes about a kilobyte; an attestation with certificates some more.
MOST_BYTES = 20_000
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

Json = dict[str, Any]


class WrongPasskey(Exception):
    """What came is no proof."""


def registration_options(
    token: str, *, user_id: int, email: str, name: str, known: list[Authenticator]
) -> Json:
    """What the browser needs to make a passkey; the token of the challenge is what it signs."""
    options = generate_registration_options(
        rp_id=get_settings().host,
        rp_name=project.name,
        user_id=user_handle(user_id),
        user_name=email,
        user_display_name=name or email,
        challenge=token.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=descriptors(known),
    )
    return {**options_to_json_dict(options), "extensions": {"credProps": True}}


def login_options(token: str, *, known: list[Authenticator] | None = None) -> Json:
    """What the browser needs to use a passkey: one of the known ones, or whichever it holds."""
    verification = UserVerificationRequirement
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=get_settings().host,
            challenge=token.encode(),
            allow_credentials=descriptors(known or []),
            # A key without a fingerprint or PIN is enough as the second of two factors.
            user_verification=verification.REQUIRED if known is None else verification.PREFERRED,
        )
    )


def challenge_of(credential: Json) -> str:
    """The token that the browser was given, still to be believed. Raises `WrongPasskey`."""
    try:
        client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"]).decode()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WrongPasskey("no client data") from None


def check_new(credential: Json, token: str, name: str) -> Json:
    """What is stored of a passkey that was just made for this token. Raises `WrongPasskey`."""
    if len(json.dumps(credential)) > MOST_BYTES:
        raise WrongPasskey("too long")
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=token.encode(),
            expected_rp_id=get_settings().host,
            expected_origin=get_settings().origin,
            require_user_verification=True,
        )
        transports = parse_registration_credential_json(credential).response.transports or []
    # The parsers of CBOR, COSE and certificates raise whatever comes up; none of it is ours.
    except Exception as error:
        raise WrongPasskey(str(error)) from error
    response = credential["response"]
    stored = {
        "id": credential["id"],
        "rawId": credential["rawId"],
        "type": "public-key",
        "response": {
            "clientDataJSON": response["clientDataJSON"],
            "attestationObject": response["attestationObject"],
            "transports": [transport.value for transport in transports],
        },
        # It was required. allauth shows by it that the key is a passkey.
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
    return {"name": name, "credential": stored, "sign_count": verified.sign_count}


def use(authenticator: Authenticator, credential: Json, token: str, *, verified_user: bool) -> None:
    """Check that the browser has the key; notes its use in the locked row. Raises `WrongPasskey`.

    `verified_user`: whether the fingerprint, face or PIN must have been asked for.
    """
    try:
        attestation = base64url_to_bytes(
            authenticator.data["credential"]["response"]["attestationObject"]
        )
        key = parse_attestation_object(attestation).auth_data.attested_credential_data
        if key is None:
            raise WrongPasskey("no key is stored")
        used = verify_authentication_response(
            credential=credential,
            expected_challenge=token.encode(),
            expected_rp_id=get_settings().host,
            expected_origin=get_settings().origin,
            credential_public_key=key.credential_public_key,
            credential_current_sign_count=authenticator.data.get("sign_count", 0),
            require_user_verification=verified_user,
        )
    # As above: whatever the parsers raise.
    except Exception as error:
        log.warning("passkey refused", authenticator=authenticator.id, reason=str(error))
        raise WrongPasskey(str(error)) from error
    authenticator.data = {**authenticator.data, "sign_count": used.new_sign_count}
    authenticator.last_used_at = now()


def descriptors(known: list[Authenticator]) -> list[PublicKeyCredentialDescriptor]:
    """Which passkeys are meant."""
    return [
        PublicKeyCredentialDescriptor(id=base64url_to_bytes(found.data["credential"]["id"]))
        for found in known
    ]


def credential_id(credential: Json) -> str:
    """Which passkey it says it is. Raises `WrongPasskey`."""
    found = credential.get("id")
    if not isinstance(found, str):
        raise WrongPasskey("no id")
    return found


def user_handle(user_id: int) -> bytes:
    """What a passkey remembers of its user: the id in base 36, as allauth writes it."""
    digits = ""
    while user_id:
        user_id, digit = divmod(user_id, len(DIGITS))
        digits = DIGITS[digit] + digits
    return (digits or "0").encode()


def user_id_of(credential: Json) -> int:
    """Whose passkey it says it is. Raises `WrongPasskey`."""
    try:
        user_id = int(base64url_to_bytes(credential["response"]["userHandle"]).decode(), 36)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WrongPasskey("no user handle") from None
    if not 0 < user_id < 2**63:
        raise WrongPasskey("no user has this handle")
    return user_id
