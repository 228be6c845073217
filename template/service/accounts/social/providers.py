"""The providers that people can log in with: those whose client id is set."""

from dataclasses import dataclass, field

from core.env import get_settings
from core.providers import GITHUB, GOOGLE, OIDC


@dataclass(frozen=True)
class Provider:
    """A provider, and how we are known to it. Without an issuer it speaks GitHub's OAuth 2.0."""

    id: str
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str = ""
    scope: str = "openid email profile"

    @property
    def callback(self) -> str:
        """The address that is registered with the provider."""
        return f"{get_settings().origin}/api/v1/auth/oidc/{self.id}/callback"


def providers() -> dict[str, Provider]:
    """Those that are set up, by id."""
    env = get_settings()
    known = (
        Provider(
            GOOGLE,
            "Google",
            env.google_client_id,
            env.google_client_secret.get_secret_value(),
            "https://accounts.google.com",
        ),
        Provider(
            GITHUB,
            "GitHub",
            env.github_client_id,
            env.github_client_secret.get_secret_value(),
            scope="read:user user:email",
        ),
        Provider(
            OIDC,
            env.oidc_name,
            env.oidc_client_id,
            env.oidc_client_secret.get_secret_value(),
            env.oidc_issuer,
        ),
    )
    return {
        provider.id: provider
        for provider in known
        if provider.client_id and (provider.issuer or provider.id == GITHUB)
    }
