"""The addresses that other companies know."""

from django.urls import path

from web.webhooks import views

urlpatterns = [path("webhooks/<slug:source>", views.take_in, name="webhook")]
