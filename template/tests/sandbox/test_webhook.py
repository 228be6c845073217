"""A sample is delivered as its source would deliver it."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from core import env
from core.sources import SOURCES
from sandbox import webhook
from sandbox.ports import free_port
from tests.core.webhooks.sending import BOTH, VARIABLE, body_of


class Product(BaseHTTPRequestHandler):
    """Answers as the product would."""

    def do_POST(self) -> None:
        source = SOURCES.get(self.path.removeprefix("/webhooks/"))
        assert source
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server: Any = self.server
        server.events.append(source.verify(body, httpx.Headers(self.headers.items())))
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The events that a product of the tests' own takes in."""
    server: Any = HTTPServer(("127.0.0.1", free_port()), Product)
    server.events = []
    monkeypatch.setenv("ORIGIN", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("WEBHOOK_SECRETS", VARIABLE)
    env._load.cache_clear()
    for source in BOTH:
        monkeypatch.setitem(SOURCES, source.name, source)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.events
    server.shutdown()
    thread.join()
    server.server_close()
    monkeypatch.undo()
    env._load.cache_clear()


@pytest.mark.parametrize("name", ["acme", "hub"])
def test_a_sample_is_believed(
    events: list[Any], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "sample.json"
    sample.write_bytes(body_of())
    webhook.main([name, str(sample), "--type", "order.paid"])
    (event,) = events
    assert (event.source, event.type) == (name, "order.paid")
    assert event.body.said == json.loads(body_of())
    assert capsys.readouterr().out.startswith("200")


def test_what_is_missing_is_said(
    events: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"missing\.json"):
        webhook.main(["hub", str(tmp_path / "missing.json")])
    (tmp_path / "sample.json").write_bytes(body_of())
    monkeypatch.setenv("WEBHOOK_SECRETS", "acme=secret")
    env._load.cache_clear()
    with pytest.raises(SystemExit, match="WEBHOOK_SECRETS has no secret of hub"):
        webhook.main(["hub", str(tmp_path / "sample.json")])
