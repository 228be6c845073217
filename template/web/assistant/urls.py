"""The addresses of the assistant's pages."""

from django.urls import include, path

from web.assistant import views

of_team = [
    path("", views.assistant, name="assistant"),
    path("<int:conversation_id>/", views.conversation, name="assistant_conversation"),
    path("<int:conversation_id>/delete/", views.delete, name="delete_conversation"),
]
urlpatterns = [path("teams/<int:team_id>/assistant/", include(of_team))]
