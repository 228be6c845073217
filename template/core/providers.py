"""What stands in `socialaccount_socialaccount.provider` for each provider, in every stack."""

from typing import Final

GOOGLE: Final = "google"
GITHUB: Final = "github"
# Whichever OIDC_ISSUER names.
OIDC: Final = "oidc"
