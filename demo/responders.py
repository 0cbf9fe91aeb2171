"""CRL, OCSP, AIA and time stamp responders of the demo PKI over real HTTP on loopback, with switches to misbehave.

``Responders(pki).start()``; addresses: ``/crl/CA.crl``, ``/ocsp/CA``, ``/aia/CA.crt`` and ``.p7b``, ``/tsa/REGIME``.
"""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from asn1crypto import pem as asn1_pem
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from demo.answers import answer_ocsp
from demo.issuing import build_crl
from demo.pki import DemoPki
from demo.stamps import Lie, answer_time_stamp

HOST = "127.0.0.1"
CRL_AGE = timedelta(minutes=10)
CRL_LIFE = timedelta(days=1)
MAX_BODY_BYTES = 1 << 20
PEM_CRL = "public-root"
"""Its CRL is served as PEM text, as the national root's is."""

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class Kind(StrEnum):
    """What a responder serves; ``KIND/SLUG`` is its name for the switches (``ocsp/public-sub``, ``tsa/official``)."""

    CRL = "crl"
    OCSP = "ocsp"
    AIA = "aia"
    TSA = "tsa"


def free_base_url() -> str:
    """A base address on loopback with a port that is free now; it has to be known before the PKI is made."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return f"http://{HOST}:{probe.getsockname()[1]}"


class Responders:
    """The running responders of one PKI. Use as a context manager, or ``start`` and ``stop``.

    ``requests`` lists what was asked, as ``METHOD /path``. ``clock`` gives the time that answers carry.
    """

    def __init__(self, pki: DemoPki, clock: Callable[[], datetime] | None = None) -> None:
        self.pki = pki
        self.clock: Callable[[], datetime] = clock or _now
        self.requests: list[str] = []
        self._down: set[str] = set()
        self._slow: dict[str, float] = {}
        self._lies: dict[str, Lie] = {}
        self._redirects: dict[str, str] = {}
        self._published: dict[str, bytes] = {}
        self._plain_clock = self.clock
        self._revoked = {a.slug: dict(a.revoked) for a in pki.authorities.values()}
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen on the PKI's own port and answer from now on.

        Raises:
            OSError: the port is taken.
        """
        port = urlsplit(self.pki.base_url).port or 80
        self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="responders", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; may be called twice."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def revoke(
        self, slug: str, at: datetime | None = None, reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise
    ) -> None:
        """Revoke a holder's or an authority's certificate; every later answer says so."""
        self.pki.revoke(slug, at or self.clock(), reason)

    def down(self, *names: str) -> None:
        """These responders answer 503 from now on."""
        self._down.update(names)

    def slow(self, name: str, seconds: float) -> None:
        """This responder waits so long before it answers."""
        self._slow[name] = seconds

    def lie(self, name: str, lie: Lie) -> None:
        """This time stamp authority lies from now on."""
        self._lies[name] = lie

    def redirect(self, name: str, location: str) -> None:
        """This responder answers 302 to that address."""
        self._redirects[name] = location

    def publish(self, slug: str, crl: bytes) -> None:
        """Serve this CRL as it stands, in place of one made at each request."""
        self._published[slug] = crl

    def reset(self) -> None:
        """Undo every switch and every revocation made since this object was."""
        self._down.clear()
        self._slow.clear()
        self._lies.clear()
        self._redirects.clear()
        self._published.clear()
        self.requests.clear()
        self.clock = self._plain_clock
        for slug, revoked in self._revoked.items():
            self.pki.authorities[slug].revoked = dict(revoked)

    def crl(self, slug: str) -> bytes:
        """The CRL that would be served now, DER or PEM."""
        if slug in self._published:
            return self._published[slug]
        now = self.clock().replace(microsecond=0)
        der = build_crl(self.pki.authority(slug), now - CRL_AGE, now + CRL_LIFE)
        return bytes(asn1_pem.armor("X509 CRL", der)) if slug == PEM_CRL else der

    def ocsp(self, slug: str, request: bytes) -> bytes:
        """The OCSP response that would be served now."""
        return answer_ocsp(self.pki, slug, request, self.clock())

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Answer one request, as the switches say."""
        self.requests.append(f"{method} {path}")
        kind, _, rest = path.lstrip("/").partition("/")
        slug = rest.partition("/")[0].partition(".")[0]
        name = f"{kind}/{slug}"
        time.sleep(self._slow.get(name, 0))
        if name in self._down:
            return 503, "text/plain", b"down"
        if name in self._redirects:
            return 302, self._redirects[name], b""
        try:
            return self._answer(Kind(kind), slug, method, rest, body)
        except (KeyError, ValueError) as error:
            return 404, "text/plain", f"nothing here: {error}".encode()

    def _answer(self, kind: Kind, slug: str, method: str, rest: str, body: bytes) -> Answer:
        match kind:
            case Kind.CRL:
                return 200, "application/pkix-crl", self.crl(slug)
            case Kind.OCSP:
                request = body if method == "POST" else base64.b64decode(unquote(rest.partition("/")[2]))
                return 200, "application/ocsp-response", self.ocsp(slug, request)
            case Kind.AIA:
                return self._certificate(slug, rest)
            case Kind.TSA:
                lie = self._lies.get(f"tsa/{slug}")
                stamp = answer_time_stamp(self.pki, slug, body, self.clock(), lie)
                return 200, "application/timestamp-reply", stamp

    def _certificate(self, slug: str, rest: str) -> Answer:
        certificate = self.pki.authority(slug).certificate
        if rest.endswith(".p7b"):
            return 200, "application/x-pkcs7-certificates", pkcs7.serialize_certificates([certificate], Encoding.DER)
        return 200, "application/pkix-cert", certificate.public_bytes(Encoding.DER)


def _now() -> datetime:
    return datetime.now(UTC)


def _handler(responders: Responders) -> type[BaseHTTPRequestHandler]:
    """A request handler bound to these responders; it logs nothing."""

    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # header and body in one packet: two would wait 40 ms for each other (Nagle, delayed ACK)

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
            self._answer(self.rfile.read(length))

        def _answer(self, body: bytes) -> None:
            status, content_type, answer = responders.answer(self.command, self.path, body)
            tag = f'"{hash(answer) & (1 << 64) - 1:x}"' if self.command == "GET" and status == 200 else None
            if tag is not None and self.headers.get("If-None-Match") == tag:
                status, answer = 304, b""
            self.send_response(status)
            if tag is not None:
                self.send_header("ETag", tag)
            if status == 302:
                self.send_header("Location", content_type)
            else:
                self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            try:
                self.wfile.write(answer)
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the asker went away, as one with a short patience does

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            pass

    return Handler
