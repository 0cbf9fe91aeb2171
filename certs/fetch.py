"""The only outbound HTTP: an allow-list, a size and a time limit, and no way to a private address by accident.

Nothing is fetched that was not listed beforehand (catalogue, operator). A host name is resolved once; the connection
goes to the address that was checked, so a second answer of the name server changes nothing. Redirects: two at most, to
listed addresses only. Nothing is retried, no failure is remembered; a body that was fetched before is used again only
where its server says, asked each time, that it is still the same.
"""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urljoin, urlsplit

import httpcore

from certs.addresses import is_public, normalised
from certs.catalogue import Catalogue

DEFAULT_TIMEOUT_S = 10.0
"""For one exchange from name look-up to last byte, redirects included."""

DEFAULT_MAX_BYTES = 32 << 20
"""A CRL of 500,000 entries is about 20 MB."""

MAX_REDIRECTS = 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_USER_AGENT = b"antin"
_STRONG_TAG = re.compile(rb'"[\x21\x23-\x7e]{1,256}"')
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class FetchRefused(Exception):  # noqa: N818 - a refusal, named by what happened
    """The address may not be fetched: not listed, not http, private, or offline. No connection was made."""


class FetchFailed(Exception):  # noqa: N818
    """The address may be fetched but gave no usable answer: unreachable, too slow, too large, not status 200.

    ``status`` is the HTTP status of an answer that was not 200.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Fetched:
    """A body, with the strong entity tag by which its server can be asked whether it is still the same.

    ``address`` is where it came from in the end. A weak tag, or a time of last modification, is no such word: a list
    that was replaced could pass for the old one (RFC 9110 §8.8.1).
    """

    address: str
    body: bytes
    tag: bytes | None = None


@dataclass(frozen=True)
class _Reply:
    """Status, where a redirect points, the strong entity tag, the body where the status is 200."""

    status: int
    location: str | None
    tag: bytes | None
    body: bytes


@lru_cache(maxsize=16)
def _all_normalised(addresses: frozenset[str]) -> frozenset[str]:
    """A catalogue's addresses, each in its one spelling: the same for every document."""
    return frozenset(map(normalised, addresses))


@dataclass(frozen=True)
class Fetcher:
    """What may be fetched, and within which limits. A plain value: picklable, without open connections.

    ``allowed`` and ``private_allowed`` are addresses as the catalogue lists them; ``private_allowed`` (configured by
    the operator) may also lie on a private or loopback network, and is allowed as such.
    """

    allowed: frozenset[str]
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_bytes: int = DEFAULT_MAX_BYTES
    offline: bool = False
    private_allowed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        private = _all_normalised(self.private_allowed)
        object.__setattr__(self, "private_allowed", private)
        object.__setattr__(self, "allowed", private | _all_normalised(self.allowed))

    def get(self, url: str) -> bytes:
        """Body of the answer to GET.

        Raises:
            FetchRefused: before any connection.
            FetchFailed: no usable answer.
        """
        return self.get_newer(url, None).body

    def get_newer(self, url: str, before: Fetched | None) -> Fetched:
        """What is there now: ``before`` itself where the server says so (RFC 9110 §13.1.2).

        Raises:
            FetchRefused: before any connection.
            FetchFailed: no usable answer.
        """
        return self._exchange("GET", url, None, None, before)

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """Body of the answer to POST (OCSP, RFC 3161); a redirect is a failure.

        Raises:
            FetchRefused: before any connection.
            FetchFailed: no usable answer.
        """
        return self._exchange("POST", url, body, content_type).body

    def post_json(self, url: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS) -> bytes:
        """Body of the answer to a POST of JSON with headers of its own (remote signing); otherwise as ``post``."""
        return self._exchange("POST", url, body, "application/json", more=headers).body

    def permits(self, url: str) -> bool:
        """Is the address listed (and the service not offline)."""
        try:
            self._listed(url)
        except FetchRefused:
            return False
        return True

    def _listed(self, url: str) -> str:
        if self.offline:
            raise FetchRefused("offline: nothing is fetched")
        try:
            address = normalised(url)
        except ValueError as error:
            raise FetchRefused(str(error)) from error
        if address not in self.allowed:
            raise FetchRefused(f"not a listed address: {address}")
        return address

    def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        content_type: str | None,
        before: Fetched | None = None,
        more: Mapping[str, str] = NO_HEADERS,
    ) -> Fetched:
        deadline = time.monotonic() + self.timeout_s
        address = self._listed(url)
        for _ in range(MAX_REDIRECTS + 1):
            known = before if before is not None and before.tag is not None and before.address == address else None
            headers = _headers(address, body, content_type, known)
            headers += [(name.encode("ascii"), value.encode("ascii")) for name, value in more.items()]
            reply = self._once(method, address, headers, body, deadline)
            if reply.status == 200:
                return Fetched(address, reply.body, reply.tag)
            if reply.status == 304 and known is not None:
                return known
            if method != "GET" or reply.status not in _REDIRECTS or reply.location is None:
                raise FetchFailed(f"{address}: HTTP status {reply.status}", reply.status)
            address = self._redirected(address, reply.location)
        raise FetchFailed(f"{address}: more than {MAX_REDIRECTS} redirects")

    def _redirected(self, address: str, location: str) -> str:
        """The next address, if it is listed itself or is the same one over TLS."""
        try:
            target = normalised(urljoin(address, location))
        except ValueError as error:
            raise FetchRefused(f"{address} redirects to what is {error}") from error
        if target == address.replace("http://", "https://", 1):
            return target
        return self._listed(target)

    def _once(
        self, method: str, address: str, headers: list[tuple[bytes, bytes]], body: bytes | None, deadline: float
    ) -> _Reply:
        network = _CheckedNetwork(deadline, private=address in self.private_allowed)
        try:
            with (
                httpcore.ConnectionPool(network_backend=network, ssl_context=_tls(address), max_connections=1) as pool,
                pool.stream(method, address.encode(), headers=headers, content=body) as response,
            ):
                location = _header(response.headers, b"location")
                tag = _header(response.headers, b"etag")
                data = _body(response.iter_stream(), self.max_bytes, address) if response.status == 200 else b""
                return _Reply(
                    response.status,
                    None if location is None else location.decode("latin-1"),
                    tag if tag is not None and _STRONG_TAG.fullmatch(tag) else None,
                    data,
                )
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise FetchFailed(f"{address}: {type(error).__name__} {error}".rstrip()) from error


def _headers(
    address: str, body: bytes | None, content_type: str | None, before: Fetched | None
) -> list[tuple[bytes, bytes]]:
    headers = [(b"User-Agent", _USER_AGENT), (b"Accept", b"*/*"), (b"Accept-Encoding", b"identity")]
    headers.append((b"Host", urlsplit(address).netloc.encode()))
    if content_type is not None:
        headers += [(b"Content-Type", content_type.encode()), (b"Content-Length", str(len(body or b"")).encode())]
    if before is not None and before.tag is not None:
        headers.append((b"If-None-Match", before.tag))
    return headers


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)


def fetcher_for(
    catalogue: Catalogue,
    configured: Iterable[str] = (),
    *,
    offline: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    max_bytes: int = DEFAULT_MAX_BYTES,
) -> Fetcher:
    """The fetcher of a deployment: what the catalogue lists, and what the operator configured (TSA, webhooks)."""
    private = catalogue.operator_addresses() | frozenset(configured)
    return Fetcher(catalogue.addresses(), timeout_s, max_bytes, offline, private)


def _body(chunks: Iterable[bytes], max_bytes: int, address: str) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise FetchFailed(f"{address}: more than {max_bytes} bytes")
    return bytes(body)


def _tls(address: str) -> ssl.SSLContext | None:
    """The TLS side of a connection; reading the roots costs some 20 ms, so only where it is needed."""
    if not address.startswith("https:"):
        return None
    context = httpcore.default_ssl_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # TT 15/2025 Phụ lục II
    return context


class _CheckedNetwork(httpcore.NetworkBackend):
    """Connects only to addresses that were checked after resolving, and within one deadline for all steps."""

    def __init__(self, deadline: float, *, private: bool) -> None:
        self._deadline = deadline
        self._private = private
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        found = _resolve(host, port, _remaining(self._deadline))
        usable = found if self._private else [address for address in found if is_public(address)]
        if not usable:
            raise FetchRefused(f"{host} lies on a private network ({', '.join(found)})")
        stream = self._sockets.connect_tcp(usable[0], port, _remaining(self._deadline), local_address, socket_options)
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step ends at the deadline, so that a peer cannot drip bytes for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _remaining(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _remaining(self._deadline))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, timeout_s: float) -> list[str]:
    """The host's addresses. The system's resolver knows no deadline, so it is left behind in a thread if it is slow.

    Raises:
        OSError: the name does not resolve, or not in time.
    """
    answers: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put([str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError(f"{host} did not resolve in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _remaining(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this exchange is used up")
    return left
