"""The addresses of accounts that allauth does not have."""

from django.urls import path

from web.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("page-token/", views.page_token, name="page_token"),
]
