"""Django's settings without any middleware but the one that allauth insists on."""

from web.settings import *  # noqa: F403

MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
ROOT_URLCONF = "reads.web_bare"
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # noqa: F405
