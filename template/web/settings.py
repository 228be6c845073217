"""Django's settings. They belong to the template: yours are in `web/product/settings.py`.

https://docs.djangoproject.com/en/5.2/ref/settings/
"""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from core.env import get_settings
from core.project import project
from web.accounts.providers import social_providers
from web.product.settings import PRODUCT_APPS, PRODUCT_MIDDLEWARE

env = get_settings()
BASE_DIR = Path(__file__).parent

# Security: https://docs.djangoproject.com/en/5.2/topics/security/
SECRET_KEY = env.secret_key.get_secret_value()
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in env.secret_key_fallbacks]
DEBUG = env.environment == "development"
ALLOWED_HOSTS = env.allowed_hosts
CSRF_TRUSTED_ORIGINS = [env.origin]
SECURE_SSL_REDIRECT = env.is_production
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if env.is_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.is_production
SECURE_HSTS_PRELOAD = env.is_production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.trusted_proxy_count else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.is_production
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Applications and middleware
INSTALLED_APPS = [
    *PRODUCT_APPS,
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "hijack",
    "ninja",
    # After those whose admin pages they replace.
    "web.accounts",
    "web.api",
    "web.audit",
    "web.impersonation",
    "web.outbox",
    "web.teams",
]
MIDDLEWARE = [
    # Before the log: probes come every few seconds.
    "web.health.health",
    "web.middleware.request_log",
    "web.api.middleware.api_answers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.accounts.sessions.note_session",
    "hijack.middleware.HijackUserMiddleware",
    "web.audit.middleware.audit_actor",
    "web.impersonation.middleware.Impersonation",
    "web.middleware.ProblemPages",
    *PRODUCT_MIDDLEWARE,
]
ROOT_URLCONF = "web.urls"
WSGI_APPLICATION = "web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # A template of yours wins over one of the same name.
        "DIRS": [BASE_DIR / "product" / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.project_names",
                "web.teams.context.teams_of_user",
            ],
        },
    },
]

# Database and cache. Connections are kept per thread: making one costs more than most queries.
DATABASES = {
    "default": dj_database_url.parse(env.database_url, conn_max_age=600, conn_health_checks=True)
}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
# Seconds: a probe of a database that cannot be reached must end.
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "web.cache.ForgivingRedisCache",
        "LOCATION": env.redis_url,
        "KEY_PREFIX": project.slug,
    }
}

# Accounts: https://docs.allauth.org/en/latest/account/configuration.html
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "web.accounts.passwords.StrengthValidator"}]
PASSWORD_HASHERS = ["web.accounts.passwords.Argon2Hasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "landing"
ALLAUTH_TRUSTED_PROXY_COUNT = env.trusted_proxy_count
ACCOUNT_ADAPTER = "web.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
# Per place, never per address: else whoever knows an address could keep its owner out. Codes need
# no limit of their own: each works for one browser, which has three attempts.
ACCOUNT_RATE_LIMITS = {
    "confirm_email": "10/m/ip",
    "request_login_code": "10/m/ip",
    "reset_password": "10/m/ip",
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
SOCIALACCOUNT_ADAPTER = "web.accounts.social.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = social_providers(env)
MFA_ADAPTER = "web.accounts.mfa.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_ISSUER = project.name
# A code may be one step, half a minute, too early or too late: clocks differ.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "add_webauthn": "web.accounts.mfa.AddPasskeyForm",
    "authenticate": "web.accounts.mfa.AuthenticateCodeForm",
    "reauthenticate": "web.accounts.mfa.ReauthenticateCodeForm",
}
USERSESSIONS_ADAPTER = "web.accounts.sessions.UserSessionsAdapter"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Staff who work as a user: https://django-hijack.readthedocs.io/
HIJACK_PERMISSION_CHECK = "web.impersonation.rules.may_impersonate"

# Mail: https://docs.djangoproject.com/en/5.2/topics/email/
EMAIL_HOST = env.smtp.host
EMAIL_PORT = env.smtp.port
EMAIL_HOST_USER = env.smtp.username
EMAIL_HOST_PASSWORD = env.smtp.password
EMAIL_USE_TLS = env.smtp.encryption == "starttls"
EMAIL_USE_SSL = env.smtp.encryption == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.mail_from

# Static files: https://whitenoise.readthedocs.io/
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR.parent / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.is_production
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = not env.is_production

# Language and time
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# The logs of every process are set up in core/logs.py.
LOGGING_CONFIG = None

# Admin: https://unfoldadmin.com/docs/configuration/settings/
UNFOLD = {
    "SITE_TITLE": project.name,
    "SITE_HEADER": project.name,
    "SIDEBAR": {
        "show_all_applications": True,
        "navigation": [
            {
                "title": "Operations",
                "items": [
                    {"title": "Queue", "icon": "speed", "link": reverse_lazy("outbox_status")}
                ],
            }
        ],
    },
}

# Last, so that what you set wins.
from web.product.settings import *  # noqa: E402, F403
