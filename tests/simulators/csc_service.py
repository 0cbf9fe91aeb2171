"""A remote signing service by the CSC API (v1 and v2) over real HTTP on loopback, with switches to misbehave."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from asn1crypto import algos

from signer.keys_file import FileKey

HOST = "127.0.0.1"
TOKEN = "simulated-access-token"
PIN = "246813"
OTP = "975310"

Json = dict[str, Any]


class Fault(StrEnum):
    """How the service misbehaves."""

    NONE = "none"
    UNAUTHORISED = "unauthorised"
    """401 for everything."""
    EXPIRED_SAD = "expired-sad"
    """Activation data that hold for no time."""
    REFUSED_SAD = "refused-sad"
    """Activation data that signHash does not know."""
    WRONG_SIGNATURE = "wrong-signature"
    """A signature of another digest."""
    GARBAGE_SIGNATURE = "garbage-signature"
    NO_SIGNATURE = "no-signature"
    WRONG_CERTIFICATE = "wrong-certificate"
    """Another holder's certificate."""
    NO_CERTIFICATE = "no-certificate"
    GARBAGE_CERTIFICATE = "garbage-certificate"
    DISABLED = "disabled"
    NO_JSON = "no-json"
    DEEP_JSON = "deep-json"
    SLOW = "slow"
    HUGE = "huge"


@dataclass
class CscService:
    """One key behind the API. ``calls`` lists the methods called; ``signed`` counts signatures made."""

    key: FileKey
    other: FileKey
    credential: str = "so-tnmt"
    fault: Fault = Fault.NONE
    otp: bool = False
    calls: list[str] = field(default_factory=list)
    signed: int = 0
    sads: list[str] = field(default_factory=list)
    _sads: dict[str, list[str]] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer((HOST, 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Die: nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def answer(self, version: str, method: str, body: Json, token: str | None) -> tuple[int, bytes]:
        """Status and body for one call."""
        self.calls.append(method)
        match self.fault:
            case Fault.SLOW:
                time.sleep(1.5)
            case Fault.NO_JSON:
                return 200, b"<html>maintenance</html>"
            case Fault.DEEP_JSON:
                return 200, b"[" * 100_000
            case Fault.HUGE:
                return 200, b" " * (2 << 20)
            case _:
                pass
        if method != "info" and (token != TOKEN or self.fault is Fault.UNAUTHORISED):
            return 401, _error("invalid_token")
        known: dict[str, Callable[[], Json | None]] = {
            "info": lambda: {"specs": "1.0.4.0" if version == "v1" else "2.0.0.0", "name": "simulator"},
            "credentials/list": lambda: {"credentialIDs": [self.credential]},
            "credentials/info": lambda: self._info(version),
            "credentials/authorize": lambda: self._authorize(version, body),
            "signatures/signHash": lambda: self._sign(version, body),
        }
        if method not in known or (method != "info" and body.get("credentialID", self.credential) != self.credential):
            return 400, _error("invalid_request")
        answer = known[method]()
        return (400, _error("invalid_request")) if answer is None else (200, json.dumps(answer).encode())

    def _info(self, version: str) -> Json:
        held = self.other if self.fault is Fault.WRONG_CERTIFICATE else self.key
        certificates = [base64.b64encode(one.dump()).decode() for one in (held.certificate, *held.chain)]
        if self.fault is Fault.NO_CERTIFICATE:
            certificates = []
        if self.fault is Fault.GARBAGE_CERTIFICATE:
            certificates = [base64.b64encode(b"0\x03abc").decode()]
        answer: Json = {
            "key": {"status": "disabled" if self.fault is Fault.DISABLED else "enabled", "len": 2048},
            "cert": {"status": "valid", "certificates": certificates},
            "SCAL": "2",
            "multisign": 1,
        }
        if version == "v1":
            answer |= {"authMode": "explicit", "PIN": {"presence": "true"}}
            answer["OTP"] = {"presence": "true" if self.otp else "false"}
        else:
            names = ("PIN", "OTP") if self.otp else ("PIN",)
            answer["auth"] = {"mode": "explicit", "objects": [{"type": "Password", "id": name} for name in names]}
        return answer

    def _authorize(self, version: str, body: Json) -> Json | None:
        if version == "v1":
            hashes, given = body.get("hash"), {name: body[name] for name in ("PIN", "OTP") if name in body}
        else:
            hashes, given = body.get("hashes"), {one["id"]: one["value"] for one in body.get("authData", [])}
        if given != {"PIN": PIN, **({"OTP": OTP} if self.otp else {})} or not hashes:
            return None
        sad = secrets.token_urlsafe(24)
        self._sads[sad] = hashes
        self.sads.append(sad)
        return {"SAD": sad, "expiresIn": 0 if self.fault is Fault.EXPIRED_SAD else 60}

    def _sign(self, version: str, body: Json) -> Json | None:
        hashes = body.get("hash") if version == "v1" else body.get("hashes")
        oid = body.get("hashAlgo") if version == "v1" else body.get("hashAlgorithmOID")
        bound = self._sads.pop(str(body.get("SAD")), None)  # one use
        kind = "rsa" if self.key.certificate.public_key.algorithm == "rsa" else "ecdsa"
        if bound is None or bound != hashes or self.fault is Fault.REFUSED_SAD:
            return None
        if (oid, body.get("signAlgo")) != (
            algos.DigestAlgorithmId("sha256").dotted,
            algos.SignedDigestAlgorithmId(f"sha256_{kind}").dotted,
        ):
            return None
        digest = base64.b64decode(hashes[0])
        if self.fault is Fault.WRONG_SIGNATURE:
            digest = bytes(32)
        value = self.key.sign_digest(digest, "sha256")
        self.signed += 1
        if self.fault is Fault.GARBAGE_SIGNATURE:
            return {"signatures": ["!" * 40]}
        return {"signatures": [] if self.fault is Fault.NO_SIGNATURE else [base64.b64encode(value).decode()]}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                _, _, version, *rest = self.path.split("/")
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
                status, answer = service.answer(version, "/".join(rest), json.loads(body), token)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except (BrokenPipeError, ConnectionResetError):
                    return  # the client gave up waiting, as it should

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing."""

        return Handler


def _error(code: str) -> bytes:
    return json.dumps({"error": code, "error_description": "simulated"}).encode()
