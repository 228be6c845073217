"""The audit log takes new rows only, and knows who sent each request."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from core.audit import AuditAction, current_actor
from web.accounts.models import User
from web.audit.middleware import client_ip
from web.audit.models import Entry
from web.audit.record import record
from web.teams.models import Team


@pytest.fixture
def entry(db: None) -> Entry:
    record(AuditAction.TEAM_CREATED, team_id=1, target=("team", 1), details={"name": "Acme"})
    return Entry.objects.get()


def test_rows_are_neither_changed_nor_deleted(entry: Entry) -> None:
    for attempt in (
        lambda: Entry.objects.update(actor_id=1),
        lambda: Entry.objects.all().delete(),
        entry.save,
        entry.delete,
    ):
        with pytest.raises(DatabaseError, match="takes new rows only"), transaction.atomic():
            attempt()
    assert Entry.objects.get() == entry


def test_the_table_is_emptied_in_databases_of_tests_alone(db: None) -> None:
    # The function looks at the name of the database; here it is asked about another.
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'audit_entry_guard'")
        (source,) = cursor.fetchone()
        elsewhere = source.replace("current_database()", "'app'")
        assert elsewhere != source
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_entry_guard() RETURNS trigger LANGUAGE plpgsql"
            f" AS $guard${elsewhere}$guard$"
        )
        with pytest.raises(DatabaseError, match="takes new rows only"), transaction.atomic():
            cursor.execute("TRUNCATE audit_entry")


def test_an_entry_goes_with_the_transaction_that_it_tells_of(db: None) -> None:
    with transaction.atomic():
        record(AuditAction.TEAM_CREATED, team_id=1)
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


def test_a_request_names_who_sent_it_from_where(browser: Client, user: User) -> None:
    team = Team.objects.create_for(user, "Acme")
    headers = {"X-Request-ID": "request-from-the-test"}
    browser.post(reverse("rename_team", args=[team.pk]), {"name": "New"}, headers=headers)
    entry = Entry.objects.get(action="team.renamed")
    assert (entry.actor_kind, entry.actor_id, entry.impersonator_id) == ("user", user.pk, None)
    assert (entry.ip_address, entry.request_id) == ("127.0.0.1", "request-from-the-test")
    assert current_actor().id is None


@pytest.mark.parametrize(
    ("proxies", "forwarded", "ip"),
    [
        (0, "192.0.2.1", "10.0.0.1"),
        (1, "198.51.100.9, 192.0.2.1", "192.0.2.1"),
        (2, "198.51.100.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (1, None, "10.0.0.1"),
        (3, "192.0.2.1", None),
        (1, "not an address", None),
    ],
)
def test_the_address_is_the_one_that_trusted_proxies_tell(
    proxies: int, forwarded: str | None, ip: str | None
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert client_ip(request) == ip
