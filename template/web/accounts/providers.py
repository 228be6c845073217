"""The providers that people can log in with: those whose client id is set.

https://docs.allauth.org/en/latest/socialaccount/provider_configuration.html
"""

from typing import Any

from core.env import Settings
from core.providers import GITHUB, GOOGLE, OIDC


def social_providers(env: Settings) -> dict[str, dict[str, Any]]:
    """`SOCIALACCOUNT_PROVIDERS` for this environment."""
    providers: dict[str, dict[str, Any]] = {}
    if env.google_client_id:
        providers[GOOGLE] = {
            "SCOPE": ["openid", "email", "profile"],
            "APPS": [app(env.google_client_id, env.google_client_secret.get_secret_value())],
        }
    if env.github_client_id:
        providers[GITHUB] = {
            "SCOPE": ["read:user", "user:email"],
            "APPS": [app(env.github_client_id, env.github_client_secret.get_secret_value())],
        }
    if env.oidc_client_id and env.oidc_issuer:
        client = app(env.oidc_client_id, env.oidc_client_secret.get_secret_value())
        client |= {"provider_id": OIDC, "name": env.oidc_name}
        client["settings"]["server_url"] = env.oidc_issuer
        providers["openid_connect"] = {"APPS": [client]}
    return providers


def app(client_id: str, secret: str) -> dict[str, Any]:
    """What allauth needs to know of a client that is registered with a provider."""
    return {"client_id": client_id, "secret": secret, "settings": {"oauth_pkce_enabled": True}}
