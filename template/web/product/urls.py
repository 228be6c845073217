"""Yours: the addresses of your product's pages."""

from django.urls import path

from web.product import views

# The template links to `landing` and `dashboard`: keep these two names.
urlpatterns = [
    path("", views.landing, name="landing"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("projects/", views.projects, name="projects"),
    path("projects/new/", views.new_project, name="new_project"),
    path("projects/export/", views.export_projects, name="export_projects"),
    path("projects/<int:project_id>/", views.edit_project, name="edit_project"),
    path("projects/<int:project_id>/archive/", views.archive_project, name="archive_project"),
    path("projects/<int:project_id>/restore/", views.restore_project, name="restore_project"),
]
