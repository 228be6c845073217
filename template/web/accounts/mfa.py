"""Second factors and passkeys: how secrets are stored, and how often a code may be guessed."""

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context, ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.usersessions.models import UserSession
from django import forms

from core.encryption import decrypt, encrypt
from core.env import get_settings
from core.network import network_of
from core.project import project
from web.accounts.models import User


class MFAAdapter(DefaultMFAAdapter):
    """Encrypts what allauth stores, and names this site as passkeys know it."""

    def encrypt(self, text: str) -> str:
        """A secret as it is stored."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """A stored secret as it was; raises `core.encryption.UnreadableSecret`."""
        return decrypt(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """What a passkey is called until its owner says otherwise."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that passkeys belong to: the host of the settings, whatever the request says."""
        return {"id": get_settings().host, "name": project.name}


class AttemptsByPlace(forms.Form):
    """Counts wrong codes so that guessing is slow everywhere and nobody is locked out at home.

    Whoever gets as far as the code knows the password. Where its owner has a session, attempts are
    counted apart; all other places in the world share one count, however many they are.
    """

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        """Accept the code of the app or a recovery code that was not used before."""
        request = context.request
        place = network_of(get_account_adapter().get_client_ip(request))
        known = UserSession.objects.filter(user=self.user).values_list("ip", flat=True)
        if place not in map(network_of, known):
            place = "elsewhere"
        attempts = f"second-factor:{self.user.pk}:{place}"
        if not ratelimit.consume(request, action="login_failed", key=attempts):
            raise get_account_adapter().validation_error("too_many_login_attempts")
        code: str = self.cleaned_data["code"]
        by_code = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
        for authenticator in by_code.filter(user=self.user):
            if authenticator.wrap().validate_code(code):
                authenticator.user = self.user
                self.authenticator = authenticator
                ratelimit.clear(request, action="login_failed", key=attempts)
                return code
        raise get_adapter().validation_error("incorrect_code")


class AuthenticateCodeForm(AttemptsByPlace, AuthenticateForm):
    """The code at login."""


class ReauthenticateCodeForm(AttemptsByPlace, ReauthenticateForm):
    """The code before something that an open browser must not do by itself."""


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey, which logs in by itself unless its owner says otherwise."""

    passwordless = forms.BooleanField(
        label="Log in with it alone",
        required=False,
        initial=True,
        help_text="Without it, this is a second step after the password.",
    )
