"""Yours: the addresses of your product's pages."""

from django.urls import path

from web.product import views

urlpatterns = [
    path("", views.landing, name="landing"),
    path("dashboard/", views.dashboard, name="dashboard"),
]
