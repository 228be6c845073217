"""The addresses of accounts that allauth does not have."""

from allauth.account.views import confirm_reauthentication_code, email
from allauth.socialaccount.providers.github.views import oauth2_login as github_login
from allauth.socialaccount.providers.google.views import oauth2_login as google_login
from allauth.socialaccount.providers.openid_connect.views import login as oidc_login
from django.urls import path
from django.views.generic import RedirectView

from web.accounts import views
from web.accounts.leaving import View, leave_by_page
from web.accounts.recent import for_login_alone, recent_proof_required
from web.accounts.social import proof_before_connecting


def other_site(login: View) -> View:
    """In place of allauth's own, whose redirects a strict content security policy stops."""
    return leave_by_page(proof_before_connecting(login))


urlpatterns = [
    path("google/login/", other_site(google_login), name="google_login"),
    path("github/login/", other_site(github_login), name="github_login"),
    path("oidc/<provider_id>/login/", other_site(oidc_login), name="openid_connect_login"),
    # Before allauth's own, which asks for a proof only once the new address is typed.
    path("email/", recent_proof_required(email), name="account_email"),
    # Before allauth's own, which takes a code also from who has more by now.
    path(
        "reauthenticate/code/confirm/",
        for_login_alone(confirm_reauthentication_code),
        name="account_confirm_reauthentication_code",
    ),
    path("reauthenticate/login/", views.log_in_again, name="log_in_again"),
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
