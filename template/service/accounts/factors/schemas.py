"""What goes in and out about factors."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from core.api.schemas import Body, Email, PersonName
from service.accounts.schemas import AsCookie, ChallengeToken, Message

Credential = Annotated[
    dict[str, Any],
    Field(
        description="What `PublicKeyCredential.toJSON()` gives in the browser.",
        examples=[{"id": "...", "rawId": "...", "type": "public-key", "response": {}}],
        repr=False,
    ),
]
PublicKey = Annotated[
    dict[str, Any],
    Field(
        description="For `PublicKeyCredential.parse...OptionsFromJSON()` in the browser.",
        examples=[{"challenge": "Jw9c0kPq7dT2", "rpId": "example.com"}],
    ),
]
PasskeyName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00-\x1f\x7f\u2028-\u202e]*$",
    ),
    Field(examples=["Ann's phone"], description="How its owner tells it from the others."),
]


class FactorProof(Body):
    """One of three ways to prove a factor."""

    code: str | None = Field(
        default=None, max_length=20, examples=["123456"], description="Of the app.", repr=False
    )
    recovery_code: str | None = Field(
        default=None, max_length=40, examples=[None], description="Good once.", repr=False
    )
    credential: dict[str, Any] | None = Field(
        default=None,
        description="Of a passkey, as `PublicKeyCredential.toJSON()` gives it.",
        examples=[None],
    )

    def ways(self) -> list[object]:
        """What was given."""
        given = (self.code, self.recovery_code, self.credential)
        return [way for way in given if way is not None]

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if len(self.ways()) != 1:
            raise ValueError("give exactly one proof")
        return self


class SecondFactor(FactorProof, AsCookie):
    """The second factor of a login that waits for it."""

    challenge: ChallengeToken


class Reauthentication(FactorProof):
    """The password, or one of the factors."""

    password: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        examples=[None],
        description="For whoever has no second factor.",
        repr=False,
    )

    def ways(self) -> list[object]:
        """What was given."""
        return [*super().ways(), *([self.password] if self.password is not None else [])]


class PasskeyOptions(BaseModel):
    """What the browser needs to make or to use a passkey."""

    public_key: PublicKey


class PasskeyLogin(AsCookie):
    """A passkey that was used."""

    credential: Credential


class PasskeySignUp(Body):
    """Somebody who wants an account without a password."""

    email: Email
    name: PersonName = ""


class NewPasskey(Body):
    """A passkey that was made."""

    credential: Credential
    name: PasskeyName = "Passkey"


class PasskeyRename(Body):
    """A better name."""

    name: PasskeyName


class Passkey(BaseModel):
    """A passkey of the caller."""

    id: int
    name: PasskeyName
    created_at: datetime
    last_used_at: datetime | None


class ShownRecoveryCodes(BaseModel):
    """Shown only now."""

    recovery_codes: list[str] | None = Field(
        description="Each is good once, for the day the device is lost. Null when there are some.",
        examples=[["12345678"]],
    )


class AddedPasskey(ShownRecoveryCodes):
    """The passkey, and the recovery codes that came with the first factor."""

    passkey: Passkey


class SignedUp(Message):
    """Whether or not the address had an account."""

    recovery_codes: list[str] = Field(
        description="Each is good once, for the day the device is lost.", examples=[["12345678"]]
    )


class Factors(BaseModel):
    """Which second factors the caller has."""

    totp: bool = Field(description="Codes of an authenticator app.")
    passkeys: int
    recovery_codes_left: int


class TotpSetup(BaseModel):
    """What the app needs to know."""

    challenge: str = Field(
        description="Send it back with the first code.", examples=["Jw9c0kPq7dT2"]
    )
    secret: str = Field(
        description="In base32, to type it into the app.", examples=["JBSWY3DPEHPK3PXP"]
    )
    uri: str = Field(
        description="The content of the QR code.",
        examples=["otpauth://totp/ann@example.com?secret=JBSWY3DPEHPK3PXP"],
    )


class TotpConfirmation(Body):
    """The first code of the app."""

    challenge: ChallengeToken
    code: str = Field(max_length=20, examples=["123456"], repr=False)
