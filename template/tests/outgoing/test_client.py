"""The client against receivers that want to harm, over real sockets."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.outgoing import client
from core.outgoing.client import MOST_BODY, Client, Failed
from tests.outgoing.hostile import OK, Behaviour, Receiver, drips, receiver, says, waits

HEADERS = {"webhook-id": "msg_1"}
SHORT = 0.6  # seconds for all of it, where somebody is slow
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
METADATA = "http://169.254.169.254/latest/meta-data/"

local = Client(allow_local=True, total=SHORT)


def test_what_is_sent_and_what_comes_back() -> None:
    with receiver(says(OK)) as one:
        answer = local.post(one.url, HEADERS, b'{"a": 1}')
    assert (answer.status, answer.body) == (200, "ok")
    assert answer.headers == {"content-length": "2"}
    (request,) = one.requests
    assert request.startswith(b"POST /hook?one=1 HTTP/1.1\r\n")
    assert f"host: 127.0.0.1:{one.port}".encode() in request.lower()
    assert b"webhook-id: msg_1" in request
    assert request.endswith(b'\r\n\r\n{"a": 1}')


@pytest.mark.parametrize(
    "behave",
    [
        waits,
        drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        drips(b"HTTP/1.1 200 OK\r\nx: ", b"y"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "headers", "a header", "interim answers"],
)
def test_who_is_slow_is_left_at_the_deadline(behave: Behaviour) -> None:
    with receiver(behave) as one:
        began = time.monotonic()
        with pytest.raises(Failed, match=r"within 0\.6 seconds|broke off"):
            local.post(one.url, HEADERS, b"{}")
        assert time.monotonic() - began < SHORT + 0.5
        assert one.gone.wait(5)


@pytest.mark.parametrize(
    ("behave", "begin"),
    [
        (drips(HEAD + b"Content-Length: 100000\r\n\r\n", b"a"), "a"),
        (drips(CHUNKED, b"1\r\na\r\n"), "a"),
        (drips(CHUNKED, b"10000\r\n" + b"a" * 65536 + b"\r\n", 0), "a" * MOST_BODY),
        (says(HEAD, b"Content-Length: 10000000\r\n\r\n", b"a" * 10_000_000), "a" * MOST_BODY),
        (says(HEAD, b"Content-Length: 100\r\n\r\naaa"), "aaa"),
        (says(HEAD, b"\r\naa\0a"), "aa\N{REPLACEMENT CHARACTER}a"),
        (says(HEAD, b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"), "\x1f"),
    ],
    ids=["drip", "chunked drip", "endless", "huge", "broken off", "NUL", "packed"],
)
def test_of_an_answer_so_much_is_read_and_no_more(behave: Behaviour, begin: str) -> None:
    with receiver(behave) as one:
        began = time.monotonic()
        answer = local.post(one.url, HEADERS, b"{}")
        assert time.monotonic() - began < SHORT + 0.5
        assert one.gone.wait(5)
    assert answer.status == 200
    assert answer.body.startswith(begin)
    assert len(answer.body) <= MOST_BODY


def test_who_never_stops_talking_is_left_at_once() -> None:
    with receiver(drips(CHUNKED, b"10000\r\n" + b"a" * 65536 + b"\r\n", 0)) as one:
        began = time.monotonic()
        Client(allow_local=True).post(one.url, HEADERS, b"{}")
        assert time.monotonic() - began < client.READ / 2


def test_nobody_waits_long_for_the_rest_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "READ", 0.2)
    with receiver(drips(CHUNKED, b"1\r\na\r\n")) as one:
        began = time.monotonic()
        assert Client(allow_local=True).post(one.url, HEADERS, b"{}").status == 200
        assert time.monotonic() - began < client.TOTAL / 2


def test_of_its_headers_so_many_are_kept() -> None:
    many = b"".join(b"x-%d: %s\r\n" % (number, b"v" * 1500) for number in range(60))
    with receiver(says(HEAD, many, b"Content-Length: 0\r\n\r\n")) as one:
        answer = local.post(one.url, HEADERS, b"{}")
    assert len(answer.headers) == 50
    assert max(map(len, answer.headers.values())) == 1000


def test_more_headers_than_anybody_needs_are_no_answer() -> None:
    behave = drips(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 9000 + b"\r\n", 0)
    with receiver(behave) as one, pytest.raises(Failed, match="was none"):
        local.post(one.url, HEADERS, b"{}")


@pytest.mark.parametrize("place", [METADATA, "http://127.0.0.1:1/", "//10.0.0.1/", "/elsewhere"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int, place: str) -> None:
    redirect = f"HTTP/1.1 {status} Away\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
    with receiver(says(redirect.encode())) as one:
        answer = local.post(one.url, HEADERS, b"{}")
    assert answer.status == status
    assert len(one.requests) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(says(OK)) as proxy, receiver(says(OK)) as one:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        local.post(one.url, HEADERS, b"{}")
    assert (len(proxy.requests), len(one.requests)) == (0, 1)


@pytest.mark.parametrize("words", [b"", b"what?\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_what_is_no_answer_fails(words: bytes) -> None:
    with receiver(says(words)) as one, pytest.raises(Failed, match="broke off, or was none"):
        local.post(one.url, HEADERS, b"{}")


def test_nobody_listens() -> None:
    with receiver(says(OK)) as one:
        pass
    with pytest.raises(Failed, match="no connection"):
        local.post(one.url, HEADERS, b"{}")


def test_who_reads_slowly_is_left_at_the_deadline() -> None:
    # Larger than what the sockets hold, to somebody who takes none of it.
    with socket.create_server(("127.0.0.1", 0)) as listening:
        began = time.monotonic()
        with pytest.raises(Failed, match="within"):
            local.post(address_of(listening), HEADERS, b"a" * 30_000_000)
        assert time.monotonic() - began < SHORT + 0.5


def address_of(listening: socket.socket) -> str:
    """Where somebody listens."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


class Names:
    """A name service that answers one thing after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> list[str]:
        """The next answer."""
        self.asked += 1
        return self.answers.pop(0)


def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"])
    caller = Client(allow_local=True, total=SHORT, resolve=names)
    with receiver(says(OK)) as one:
        assert caller.post(f"http://rebinds.localhost:{one.port}/", HEADERS, b"{}").status == 200
        assert len(one.requests) == 1
    assert names.asked == 1


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["169.254.169.254"],
        ["fe80::1%lo"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["fd00:ec2::254"],
        ["0.0.0.0"],  # noqa: S104  nobody listens there
        ["::"],
    ],
)
def test_a_name_that_leads_inside_is_never_connected_to(found: list[str]) -> None:
    caller = Client(total=SHORT, resolve=Names(found))
    with receiver(says(OK)) as one, pytest.raises(Failed, match="not everybody can reach"):
        caller.post(f"https://hook.example.com:{one.port}/", HEADERS, b"{}")
    assert one.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:8443/",
        "https://[::1]:8443/",
        "https://[::ffff:169.254.169.254]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "http://example.com/",
        "https://user:word@example.com/",
    ],
)
def test_what_was_stored_is_checked_again(url: str) -> None:
    with pytest.raises(Failed):
        Client(total=SHORT, resolve=Names()).post(url, HEADERS, b"{}")


def test_in_development_nothing_but_this_machine_is_added() -> None:
    for address in ("169.254.169.254", "10.0.0.1", "192.168.1.1"):
        with pytest.raises(Failed, match="everybody can reach"):
            local.post(f"http://{address}/", HEADERS, b"{}")


def test_the_next_address_of_a_name_is_tried() -> None:
    with receiver(says(OK)) as one:
        caller = Client(True, SHORT, Names(["127.0.0.2", "127.0.0.1"]))
        assert caller.post(f"http://two.localhost:{one.port}/", HEADERS, b"{}").status == 200


def test_a_name_service_that_hangs_is_left_at_the_deadline() -> None:
    def hangs(host: str, port: int) -> list[str]:
        threading.Event().wait(3)
        return []

    began = time.monotonic()
    with pytest.raises(Failed, match="within"):
        Client(total=0.2, resolve=hangs).post("https://example.com/", HEADERS, b"{}")
    assert time.monotonic() - began < 1


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(Failed, match="not known"):
        Client().post("https://nobody.invalid/", HEADERS, b"{}")


class Authority:
    """Somebody who gives out certificates, and who trusts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign(
            "Authority", self.key, x509.BasicConstraints(True, None), SIGNS_CERTIFICATES
        )
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.trusting = ssl.create_default_context(cadata=pem)

    def sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        """A certificate for a day, with all that the strict check of Python 3.13 asks for."""
        now = datetime.now(UTC)
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority")])
        builder = x509.CertificateBuilder(
            issuer_name=issuer,
            subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(hours=1),
            not_valid_after=now + timedelta(days=1),
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=True)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        for identifier in (own, issuers):
            builder = builder.add_extension(identifier, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def server(self, name: str) -> ssl.SSLContext:
        """What a server of this name has."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        file = self.folder / f"{name}.pem"
        file.write_bytes(
            self.sign(name, key, names).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of the tests' own."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secured(authority: Authority) -> Iterator[tuple[Receiver, list[str | None]]]:
    """A receiver that is `hook.localhost`, and by which names it was called."""
    called: list[str | None] = []
    context = authority.server("hook.localhost")
    context.sni_callback = lambda _socket, name, _context: called.append(name)
    with receiver(says(OK), context) as one:
        yield one, called


def test_the_certificate_is_that_of_the_name(
    authority: Authority, secured: tuple[Receiver, list[str | None]]
) -> None:
    one, called = secured
    names = Names(["127.0.0.1"], ["127.0.0.1"])
    caller = Client(True, 5, names, authority.trusting)
    assert caller.post(f"https://hook.localhost:{one.port}/", HEADERS, b"{}").status == 200
    with pytest.raises(Failed, match=r"[Hh]ostname mismatch"):
        caller.post(f"https://other.localhost:{one.port}/", HEADERS, b"{}")
    assert called == ["hook.localhost", "other.localhost"]


def test_a_certificate_of_nobody_we_trust_is_none(
    secured: tuple[Receiver, list[str | None]],
) -> None:
    one, _ = secured
    caller = Client(True, 5, Names(["127.0.0.1"]))
    with pytest.raises(Failed, match="CERTIFICATE_VERIFY_FAILED"):
        caller.post(f"https://hook.localhost:{one.port}/", HEADERS, b"{}")
    assert one.requests == []


def test_an_address_of_ipv6() -> None:
    with receiver(says(OK), host="::1") as one:
        answer = local.post(f"http://[::1]:{one.port}/", HEADERS, b"{}")
        assert answer.status == 200
    assert f"host: [{ipaddress.ip_address('::1')}]:{one.port}".encode() in one.requests[0].lower()
