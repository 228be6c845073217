"""Yours: the addresses of your product's pages."""

from django.urls import path

from web.product import views

# The template links to `landing` and `dashboard`: keep these two names.
urlpatterns = [
    path("", views.landing, name="landing"),
    path("dashboard/", views.dashboard, name="dashboard"),
]
