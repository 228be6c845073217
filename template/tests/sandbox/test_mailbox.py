"""The mailbox shows every mail, and no mail can do harm."""

import asyncio
import os
import smtplib
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from sandbox.mailbox import store as store_module
from sandbox.mailbox.store import MailStore
from sandbox.mailbox.thread import Mailbox
from sandbox.site import dev_pages

SCRIPT = "<script>alert(1)</script>"
Client = TestClient[web.Request, web.Application]


def hostile_mail() -> bytes:
    """A mail that tries to run a script wherever it is shown."""
    mail = EmailMessage()
    mail["Subject"] = SCRIPT
    mail["X-Note"] = SCRIPT
    mail.set_content(f"{SCRIPT} javascript:alert(1) http://ok.example/a?b=1&c=2\n")
    mail.add_alternative(f"<p onclick=alert(1)>{SCRIPT}</p>", subtype="html")
    return mail.as_bytes()


def with_pages(store: MailStore, body: Callable[[Client], Awaitable[None]]) -> None:
    """Run the test's body against the pages."""

    async def run() -> None:
        async with TestClient(
            TestServer(dev_pages(store, "http://127.0.0.1", store.folder))
        ) as client:
            await body(client)

    asyncio.run(run())


@pytest.fixture
def store(tmp_path: Path) -> MailStore:
    """A mailbox with the hostile mail."""
    store = MailStore(tmp_path)
    store.add(SCRIPT, ["ann@example.com"], hostile_mail())
    return store


def test_mail_sent_by_smtp_can_be_waited_for(mailbox: Mailbox) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Grüße"
    mail.set_content("Look at http://testserver/x?key=1.")
    server = urlsplit(os.environ["SMTP_URL"])
    with smtplib.SMTP(server.hostname or "", server.port or 0) as smtp:
        smtp.send_message(mail, "from@example.com", ["to@example.com", "too@example.com"])
    caught = mailbox.wait(to="too@example.com", subject="Grüße")
    assert caught.sender == "from@example.com"
    assert caught.links == ["http://testserver/x?key=1"]


def test_mail_that_never_comes_is_reported_with_what_did(mailbox: Mailbox) -> None:
    with pytest.raises(AssertionError, match="arrived: \\[\\]"):
        mailbox.wait(to="nobody@example.com", timeout=0.01)


def test_hostile_mail_is_shown_as_text(store: MailStore) -> None:
    async def body(client: Client) -> None:
        for path in ("/mail", f"/mail/{store.all()[0].id}"):
            answer = await client.get(path)
            page = await answer.text()
            assert answer.status == 200
            assert SCRIPT not in page
            assert "&lt;script&gt;" in page
            assert 'href="javascript:' not in page
            assert "script-src" not in answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert '<a href="http://ok.example/a?b=1&amp;c=2"' in page

    with_pages(store, body)


def test_html_of_a_mail_may_run_no_script_even_when_opened_alone(store: MailStore) -> None:
    async def body(client: Client) -> None:
        answer = await client.get(f"/mail/{store.all()[0].id}/html")
        policy = answer.headers["Content-Security-Policy"]
        assert "sandbox " in policy
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy
        assert "default-src 'none'" in policy
        raw = await client.get(f"/mail/{store.all()[0].id}/raw")
        assert raw.content_type == "text/plain"
        assert raw.headers["X-Content-Type-Options"] == "nosniff"

    with_pages(store, body)


def test_other_websites_can_neither_read_nor_delete(store: MailStore) -> None:
    async def body(client: Client) -> None:
        rebound = await client.get("/mail.json", headers={"Host": "evil.example"})
        assert rebound.status == 403
        for origin in ({"Origin": "https://evil.example"}, {}):
            posted = await client.post("/mail/delete", headers=origin)
            assert posted.status == 403
        assert store.all()

    with_pages(store, body)


def test_own_page_can_delete(store: MailStore) -> None:
    async def body(client: Client) -> None:
        origin = str(client.make_url("")).rstrip("/")
        answer = await client.post(
            "/mail/delete", headers={"Origin": origin}, allow_redirects=False
        )
        assert answer.status == 303
        assert await (await client.get("/mail.json")).json() == []

    with_pages(store, body)


def test_json_tells_scripts_what_was_sent(store: MailStore) -> None:
    async def body(client: Client) -> None:
        (mail,) = await (await client.get("/mail.json")).json()
        assert mail["to"] == ["ann@example.com"]
        assert mail["subject"] == SCRIPT
        assert mail["links"] == ["http://ok.example/a?b=1&c=2"]

    with_pages(store, body)


def test_an_attachment_is_saved_and_never_shown(store: MailStore) -> None:
    async def body(client: Client) -> None:
        mail = EmailMessage()
        mail["Subject"] = "Files"
        mail.set_content("Here.")
        name = 'a"\u20ac.html'
        mail.add_attachment(SCRIPT.encode(), maintype="text", subtype="html", filename=name)
        store.add("from@example.com", ["ann@example.com"], mail.as_bytes())
        newest = (await (await client.get("/mail.json")).json())[0]
        (file,) = newest["files"]
        assert file["name"] == name
        assert file["path"] in await (await client.get(f"/mail/{newest['id']}")).text()
        answer = await client.get(file["path"].removeprefix("/dev"))
        assert await answer.read() == SCRIPT.encode()
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (await client.get(f"/mail/{newest['id']}/files/1")).status == 404

    with_pages(store, body)


def test_mails_survive_a_restart(store: MailStore) -> None:
    assert [mail.subject for mail in MailStore(store.folder).all()] == [SCRIPT]


def test_oldest_mails_are_forgotten(store: MailStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "KEPT", 2)
    for number in range(3):
        store.add("a@example.com", ["b@example.com"], f"Subject: {number}\r\n\r\n".encode())
    assert [mail.subject for mail in store.all()] == ["1", "2"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"Subject: =?utf-8?b?!!!?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\nnothing",
        b"Content-Type: multipart/alternative\r\nDate: nonsense\r\nTo: <<>>\r\n\r\n--\r\n",
    ],
)
def test_malformed_mail_breaks_no_page(tmp_path: Path, content: bytes) -> None:
    store = MailStore(tmp_path)
    store.add("a@example.com\r\nX-Envelope-To: other@example.com", ["b@example.com"], content)
    mail = store.all()[0]
    assert mail.recipients == ["b@example.com"]

    async def body(client: Client) -> None:
        for path in ("", "/mail", "/mail.json", f"/mail/{mail.id}", f"/mail/{mail.id}/html"):
            assert (await client.get(path)).status == 200, path

    with_pages(store, body)
