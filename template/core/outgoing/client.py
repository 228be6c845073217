"""The HTTP client of webhooks: it goes where strangers tell it to, so it trusts nothing.

- Names are looked up here, every address of a name is checked, and the connection is made to one of
  the very addresses that were checked: what the name says a moment later does not matter.
- TLS checks the name of the host all the same, for the connection is given a stream and not a name.
- No redirect is followed, no proxy of the environment is used, and nothing is unpacked.
- One deadline bounds everything together, however slowly somebody drips; of an answer so much is
  read and no more.
"""

import contextlib
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import httpcore2 as httpcore

from core.outgoing.addresses import RefusedAddress, Target, may_connect, parse

TOTAL = 10.0  # seconds for all of it
CONNECT = 5.0  # seconds for one connection
READ = 3.0  # seconds for the body of the answer, once it began
MOST_BODY = 4096  # bytes that are read
MOST_HEADERS = 50  # that are kept
LONGEST_VALUE = 1000  # characters of a header that are kept

# The addresses of a name, as text.
Resolve = Callable[[str, int], Iterable[str]]


class Failed(Exception):
    """Nothing came back; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it was read."""

    status: int
    headers: Mapping[str, str]
    body: str


class Deadline:
    """A moment that everything has to be over by."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then; raises `TimeoutError` when it has passed."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def bring_forward(self, seconds: float) -> None:
        """So many seconds from now at the latest."""
        self.at = min(self.at, time.monotonic() + seconds)


@dataclass(frozen=True, slots=True)
class Client:
    """Posts to where strangers want it; `allow_local` adds this machine, for development."""

    allow_local: bool = False
    total: float = TOTAL
    resolve: Resolve | None = None
    ssl_context: ssl.SSLContext | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post; answers whatever came back, also an error. Raises `Failed`."""
        deadline = Deadline(self.total)
        backend = CheckedBackend(deadline, self.resolve or look_up, self.allow_local)
        try:
            target = parse(url, allow_local=self.allow_local)
            response = self._connection(target, backend).handle_request(
                request_to(target, headers, body)
            )
            deadline.bring_forward(READ)
            return Answer(response.status, kept(response.headers), begin_of(response))
        except RefusedAddress as refused:
            raise Failed(str(refused)) from None
        except TimeoutError:
            raise Failed(f"There was no answer within {self.total:g} seconds.") from None
        except httpcore.ConnectError as error:
            raise Failed(f"There is no connection: {words(error)}") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Failed(f"The answer broke off, or was none: {words(error)}") from None
        finally:
            # Also when there is more to come: nobody reads it.
            backend.close()

    def _connection(self, target: Target, backend: "CheckedBackend") -> httpcore.HTTPConnection:
        return httpcore.HTTPConnection(
            origin=httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port),
            ssl_context=self.ssl_context or usual_ssl_context(),
            network_backend=backend,
        )


def request_to(target: Target, headers: Mapping[str, str], body: bytes) -> httpcore.Request:
    """The request, to the target as it was taken apart: nobody reads the address another way."""
    return httpcore.Request(
        "POST",
        httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        ),
        headers=[
            ("host", target.host_header),
            *headers.items(),
            ("content-length", str(len(body))),
            ("accept-encoding", "identity"),
            ("connection", "close"),
        ],
        content=body,
    )


class CheckedBackend(httpcore.NetworkBackend):
    """Looks names up, checks what they stand for, and connects to that."""

    def __init__(self, deadline: Deadline, resolve: Resolve, allow_local: bool) -> None:
        self.deadline = deadline
        self.resolve = resolve
        self.allow_local = allow_local
        self.stream: Stream | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that takes it. Raises `RefusedAddress`."""
        problem: OSError | None = None
        for address in self.checked(host, port):
            seconds = min(CONNECT, self.deadline.left())
            try:
                connected = socket.create_connection((address, port), seconds)
            except OSError as error:
                problem = error
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.stream = Stream(connected, self.deadline)
            return self.stream
        raise httpcore.ConnectError(str(problem or "the name stands for no address"))

    def checked(self, host: str, port: int) -> list[str]:
        """The addresses of a host, all of them public. Raises `RefusedAddress` if one is not."""
        found = list(dict.fromkeys(self.addresses(host, port)))
        for text in found:
            if not may_connect(ip_address(text), allow_local=self.allow_local):
                raise RefusedAddress("The name leads to an address that not everybody can reach.")
        return found

    def addresses(self, host: str, port: int) -> list[str]:
        """What the host stands for: itself, if it is an address."""
        try:
            return [str(ip_address(host))]
        except ValueError:
            return within(self.deadline.left(), lambda: list(self.resolve(host, port)))

    def close(self) -> None:
        """Hang up."""
        if self.stream is not None:
            self.stream.close()


class Stream(httpcore.NetworkStream):
    """A connection on which nothing lasts beyond the deadline, whatever is asked for."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self.connected = connected
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came, as soon as anything did."""
        self.connected.settimeout(self.deadline.left())
        try:
            return self.connected.recv(max_bytes)
        except TimeoutError:
            raise
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of it, however little is taken at a time."""
        rest = memoryview(buffer)
        while rest:
            self.connected.settimeout(self.deadline.left())
            try:
                rest = rest[self.connected.send(rest) :]
            except TimeoutError:
                raise
            except OSError as error:
                # There may be an answer all the same.
                raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Begin TLS; the certificate has to be that of the host's name."""
        self.connected.settimeout(self.deadline.left())
        try:
            self.connected = ssl_context.wrap_socket(
                self.connected, server_hostname=server_hostname
            )
        except TimeoutError:
            raise
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """Nothing that is asked for is known."""
        return None

    def close(self) -> None:
        """Hang up."""
        self.connected.close()


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name; raises `Failed` when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failed("The name of the host is not known.") from None
    return [str(address[0]) for *_, address in found]


def within(seconds: float, function: Callable[[], list[str]]) -> list[str]:
    """What a function answers that cannot be told when to stop. Raises `TimeoutError`."""
    results: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put(function())
        except Exception as error:
            results.put(error)

    threading.Thread(target=work, name="look up", daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def begin_of(response: httpcore.Response) -> str:
    """The begin of the body, as text that PostgreSQL can hold; what breaks off is kept as it is."""
    body = bytearray()
    with contextlib.suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError):
        for chunk in response.iter_stream():
            body += chunk
            if len(body) >= MOST_BODY:
                break
    text = bytes(body[:MOST_BODY]).decode(errors="replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def kept(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as they are kept: so many, and of each so much."""
    texts = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return {
        name.lower()[:LONGEST_VALUE]: value[:LONGEST_VALUE]
        for name, value in list(texts)[:MOST_HEADERS]
    }


def words(error: Exception) -> str:
    """What an error says, in a line."""
    return " ".join(str(error).split())[:300] or type(error).__name__


@lru_cache(maxsize=1)
def usual_ssl_context() -> ssl.SSLContext:
    """The authorities that this machine trusts."""
    return httpcore.default_ssl_context()
