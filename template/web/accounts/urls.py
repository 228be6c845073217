"""The addresses of accounts that allauth does not have."""

from allauth.account.views import email, password_set
from allauth.mfa.recovery_codes.views import generate_recovery_codes
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn
from allauth.socialaccount.providers.github.views import oauth2_login as github_login
from allauth.socialaccount.providers.google.views import oauth2_login as google_login
from allauth.socialaccount.providers.openid_connect.views import login as oidc_login
from django.urls import path
from django.views.generic import RedirectView

from web.accounts import views
from web.accounts.leaving import leave_by_page
from web.accounts.recent import proven_by_login

urlpatterns = [
    # Before allauth's own, whose redirects a strict content security policy stops.
    path("google/login/", leave_by_page(google_login), name="google_login"),
    path("github/login/", leave_by_page(github_login), name="github_login"),
    path("oidc/<provider_id>/login/", leave_by_page(oidc_login), name="openid_connect_login"),
    # Before allauth's own, which let in who has neither password nor second factor.
    path("email/", proven_by_login(email), name="account_email"),
    path("password/set/", proven_by_login(password_set), name="account_set_password"),
    path("2fa/totp/activate/", proven_by_login(activate_totp), name="mfa_activate_totp"),
    path("2fa/webauthn/add/", proven_by_login(add_webauthn), name="mfa_add_webauthn"),
    path(
        "2fa/recovery-codes/generate/",
        proven_by_login(generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path("", views.account, name="account"),
    path("2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index")),
    path("sessions/", views.SessionsView.as_view()),
    path("sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("3rdparty/", RedirectView.as_view(pattern_name="account")),
    path("connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
    path("data/", views.export_data, name="export_data"),
    path("delete/", views.delete, name="delete_account"),
    path("page-token/", views.page_token, name="page_token"),
]
