"""Yours: what your pages promise."""

import html

import pytest
from django.test import Client
from django.urls import reverse

from core.project import project
from tests.product.web.conftest import browser_of, make_project
from web.accounts.models import User
from web.outbox.models import Message
from web.product.models import Project
from web.product.views import PER_PAGE
from web.teams.models import Team


def page(browser: Client, name: str, **query: str) -> str:
    """The text of a page."""
    answer = browser.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_landing_page_says_what_the_product_is(client: Client, db: None) -> None:
    landing = page(client, "landing")
    assert html.escape(project.name) in landing
    assert html.escape(project.description) in landing
    assert reverse("account_signup") in landing


@pytest.mark.parametrize("name", ["dashboard", "projects", "new_project"])
def test_the_pages_are_for_the_signed_in(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(name)).status_code == 302


def test_the_dashboard_shows_what_is_newest(browser: Client, team: Team) -> None:
    assert reverse("new_project") in page(browser, "dashboard")
    for number in range(6):
        make_project(team, f"Number {number}")
    dashboard = page(browser, "dashboard")
    assert "Hello, Ann &lt;3" in dashboard
    assert "Number 5" in dashboard
    assert "Number 0" not in dashboard


def test_a_project_is_made_and_changed(browser: Client, ann: User) -> None:
    assert "No projects yet" in page(browser, "projects")
    body = {"name": " Website ", "description": "one\r\ntwo"}
    assert browser.post(reverse("new_project"), body).status_code == 302
    made = Project.across_teams.get()
    assert (made.name, made.description, made.created_by) == ("Website", "one\ntwo", ann)
    address = reverse("edit_project", args=[made.pk])
    assert "one\ntwo" in browser.get(address).content.decode()
    browser.post(address, {"name": "Shop"})
    assert "Shop" in page(browser, "projects")


@pytest.mark.parametrize("name", ["", "x" * 101, "\u202eesrever"])
def test_what_is_no_name_is_refused(name: str, browser: Client) -> None:
    answer = browser.post(reverse("new_project"), {"name": name})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Project.across_teams.exists()


def test_a_search_finds_parts_of_names_and_descriptions(browser: Client, team: Team) -> None:
    make_project(team, "Website")
    make_project(team, "Shop", description="100% on the web")
    make_project(team, "Cellar")
    found = page(browser, "projects", search="WEB")
    assert [name in found for name in ("Website", "Shop", "Cellar")] == [True, True, False]
    assert "Shop" in page(browser, "projects", search="100%")
    assert "Nothing found" in page(browser, "projects", search="0_%")
    # What is no search finds everything.
    assert "Cellar" in page(browser, "projects", search="\0")


def test_what_is_archived_is_a_list_of_its_own(browser: Client, team: Team) -> None:
    made = make_project(team)
    assert "Nothing is archived" in page(browser, "projects", archived="on")
    browser.post(reverse("archive_project", args=[made.pk]), follow=True)
    assert "Website" not in page(browser, "dashboard")
    assert "Website" in page(browser, "projects", archived="on")
    browser.post(reverse("restore_project", args=[made.pk]), follow=True)
    assert "Website" in page(browser, "projects")


def test_a_long_list_has_pages(browser: Client, team: Team) -> None:
    for number in range(PER_PAGE + 1):
        make_project(team, f"Number {number}.")
    first, second = page(browser, "projects"), page(browser, "projects", page="2")
    assert "Number 1." in first
    assert "Number 0." not in first
    assert "Number 0." in second
    assert "Number 1." not in second


def test_the_rows_of_another_team_do_not_exist(browser: Client, others: Team) -> None:
    theirs = make_project(others, "Secret")
    assert "Secret" not in page(browser, "projects")
    assert browser.get(reverse("edit_project", args=[theirs.pk])).status_code == 404
    for name in ("edit_project", "archive_project", "restore_project"):
        answer = browser.post(reverse(name, args=[theirs.pk]), {"name": "Mine"})
        assert answer.status_code == 404
    theirs.refresh_from_db(from_queryset=Project.across_teams.all())
    assert (theirs.name, theirs.archived_at) == ("Secret", None)


def test_changes_are_posted(browser: Client, team: Team) -> None:
    made = make_project(team)
    for name in ("archive_project", "restore_project"):
        assert browser.get(reverse(name, args=[made.pk])).status_code == 405
    assert browser.get(reverse("export_projects")).status_code == 405


def test_two_clicks_ask_for_one_export(bob: User, team: Team) -> None:
    browser = browser_of(bob, team)
    for _ in range(2):
        answer = browser.post(reverse("export_projects"), follow=True)
        assert "on its way to bob@example.com" in answer.content.decode()
    asked = Message.objects.get(task="product.export_projects")
    assert (asked.task, asked.team_id) == ("product.export_projects", team.pk)
    assert asked.payload == {"user_id": bob.pk}


def test_staff_see_the_projects_of_all_teams(team: Team, others: Team) -> None:
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff@example.com"))
    make_project(team, "Website")
    secret = make_project(others, "Secret")
    listed = page(staff, "admin:product_project_changelist")
    assert "Website" in listed
    assert "Secret" in listed
    address = reverse("admin:product_project_change", args=[secret.pk])
    assert "Secret" in staff.get(address).content.decode()
    assert staff.post(address, {"name": "Mine"}).status_code == 403
