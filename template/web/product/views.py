"""Yours: the pages of your product."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.product.permissions import EDIT_PROJECTS, EXPORT_PROJECTS, VIEW_PROJECTS
from web.product.forms import ProjectForm, SearchForm
from web.product.models import Project
from web.product.tasks import ask_for_export
from web.teams.request import TeamRequest, allows, team_permission

PER_PAGE = 20


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What a stranger sees first."""
    return render(request, "product/landing.html")


@require_safe
@team_permission(VIEW_PROJECTS)
def dashboard(request: TeamRequest) -> HttpResponse:
    """Where people arrive when they have logged in: what is newest in their team."""
    newest = Project.objects.listed().order_by("-pk")[:5]
    context = {"projects": newest, "may_edit": allows(request, EDIT_PROJECTS)}
    return render(request, "product/dashboard.html", context)


@require_safe
@team_permission(VIEW_PROJECTS)
def projects(request: TeamRequest) -> HttpResponse:
    """The projects of the team, a page of them at a time."""
    form = SearchForm(request.GET)
    # What is no search finds everything: addresses are typed, too.
    wanted = form.cleaned_data if form.is_valid() else {"search": "", "archived": False}
    found = Project.objects.listed(**wanted).order_by("-pk")
    context = {
        **wanted,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_edit": allows(request, EDIT_PROJECTS),
        "may_export": allows(request, EXPORT_PROJECTS),
    }
    return render(request, "product/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@team_permission(EDIT_PROJECTS)
def new_project(request: TeamRequest) -> HttpResponse:
    """Make a project."""
    form = ProjectForm(request.POST or None)
    if form.is_valid():
        form.instance.created_by = request.user
        form.save()
        messages.success(request, f"{form.instance} is there.")
        return redirect("projects")
    return render(request, "product/project.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@team_permission(EDIT_PROJECTS)
def edit_project(request: TeamRequest, project_id: int) -> HttpResponse:
    """Change a project."""
    find = Project.objects.lock if request.method == "POST" else Project.objects.one
    project = find(project_id)
    form = ProjectForm(request.POST or None, instance=project)
    if form.is_valid():
        form.save()
        messages.success(request, f"{project} is saved.")
        return redirect("projects")
    return render(request, "product/project.html", {"form": form, "project_id": project_id})


@require_POST
@team_permission(EDIT_PROJECTS)
def archive_project(request: TeamRequest, project_id: int) -> HttpResponse:
    """Put a project aside."""
    project = Project.objects.lock(project_id)
    project.archive()
    messages.success(request, f"{project} is archived.")
    return redirect("projects")


@require_POST
@team_permission(EDIT_PROJECTS)
def restore_project(request: TeamRequest, project_id: int) -> HttpResponse:
    """Bring a project back."""
    project = Project.objects.lock(project_id)
    project.restore()
    messages.success(request, f"{project} is restored.")
    return redirect("projects")


@require_POST
@team_permission(EXPORT_PROJECTS)
def export_projects(request: TeamRequest) -> HttpResponse:
    """Let all projects be mailed to the person."""
    ask_for_export(request.user.pk)
    messages.success(request, f"A mail with all projects is on its way to {request.user.email}.")
    return redirect("projects")
