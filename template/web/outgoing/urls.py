"""The addresses of outgoing webhooks."""

from django.urls import include, path

from web.outgoing.views import deliveries, webhooks

of_team = [
    path("", webhooks.webhooks, name="team_webhooks"),
    path("new/", webhooks.new_webhook, name="new_webhook"),
    path("<int:webhook_id>/", webhooks.webhook, name="team_webhook"),
    path("<int:webhook_id>/edit/", webhooks.edit_webhook, name="edit_webhook"),
    path("<int:webhook_id>/delete/", webhooks.delete_webhook, name="delete_webhook"),
    path("<int:webhook_id>/enable/", webhooks.enable_webhook, name="enable_webhook"),
    path("<int:webhook_id>/disable/", webhooks.disable_webhook, name="disable_webhook"),
    path("<int:webhook_id>/secret/", webhooks.rotate_secret, name="rotate_webhook_secret"),
    path("<int:webhook_id>/test/", deliveries.send_test, name="test_webhook"),
    path("deliveries/<int:delivery_id>/", deliveries.delivery, name="webhook_delivery"),
    path("deliveries/<int:delivery_id>/again/", deliveries.redeliver, name="redeliver_webhook"),
]
urlpatterns = [path("teams/<int:team_id>/webhooks/", include(of_team))]
