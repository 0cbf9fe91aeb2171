"""A key held by a remote signing service: client of the Cloud Signature Consortium's API (CSC), versions 1 and 2.

What the service answers is checked before anybody uses it: the certificate is the one configured, and each signature
value verifies with it. The access token, PIN and OTP are read for each use, sent to the configured address, and kept,
logged and quoted nowhere; so are the signature activation data (SAD).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from asn1crypto import algos, x509
from cryptography import x509 as cx509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from certs.fetch import Fetcher, FetchFailed, FetchRefused
from signer.keys import KeyAnswerWrong, KeyUnavailable
from signer.keys_file import HASHES

MAX_ANSWER_BYTES = 1 << 20
"""Certificates and a handful of signature values; a longer answer is none."""

SAD_RESERVE_S = 2.0
"""Signature activation data that expire sooner than this are not used: the request would arrive too late."""

_TOKEN = re.compile(r"[!-~]{1,4096}")

Secret = Callable[[], str]
"""Reads a secret when it is needed (``SecretSource.read``)."""


class CscVersion(StrEnum):
    """Version of the API; it also stands in the address."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True)
class RemoteCredential:
    """What ``credentials/info`` says of a key, as far as it matters here (CSC v1.0.4 §11.5, v2.0 §11.5)."""

    certificates: tuple[x509.Certificate, ...]
    enabled: bool
    needs_pin: bool
    needs_otp: bool
    hash_bound: bool


@dataclass(frozen=True)
class Activation:
    """Signature activation data and until when they hold (monotonic seconds); its ``repr`` does not show them."""

    sad: str = field(repr=False)
    expires_at_s: float

    @property
    def usable(self) -> bool:
        """Is there enough time left for a request."""
        return time.monotonic() + SAD_RESERVE_S < self.expires_at_s


class RemoteService:
    """The methods of one service that are used here. Thread-safe; nothing is kept between calls.

    ``url`` is what stands before ``/csc``; it is the operator's, so it may be on a private network.
    """

    def __init__(self, url: str, version: CscVersion, access_token: Secret, timeout_s: float) -> None:
        self.version = version
        self._base = f"{url}/csc/{version.value}/"
        self._access_token = access_token
        methods = ("info", "credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash")
        addresses = frozenset(self._base + method for method in methods)
        self._fetcher = Fetcher(frozenset(), timeout_s, MAX_ANSWER_BYTES, private_allowed=addresses)

    def info(self) -> Mapping[str, Any]:
        """What the service says of itself; needs no account.

        Raises:
            KeyUnavailable: no usable answer.
        """
        return self._call("info", {}, signed_in=False)

    def credentials(self) -> tuple[str, ...]:
        """The ids of the keys that this account may use.

        Raises:
            KeyUnavailable: no usable answer.
        """
        return tuple(str(one) for one in _list(self._call("credentials/list", {"maxResults": 100}), "credentialIDs"))

    def credential(self, credential: str) -> RemoteCredential:
        """One key with its certificates, the signer's first.

        Raises:
            KeyUnavailable: no usable answer.
        """
        question = {"credentialID": credential, "certificates": "chain", "certInfo": False, "authInfo": True}
        answer = self._call("credentials/info", question)
        chain = _list(_object(answer, "cert"), "certificates")
        try:
            certificates = tuple(x509.Certificate.load(_base64(one)) for one in chain)
            for certificate in certificates:
                certificate.public_key  # noqa: B018 - asn1crypto parses late: what is malformed shall fail here
        except (ValueError, TypeError) as error:
            raise KeyUnavailable(f"remote key {credential}: its certificates cannot be read") from error
        if not certificates:
            raise KeyUnavailable(f"remote key {credential}: no certificate")
        needs_pin, needs_otp = _asked(answer)
        enabled = _object(answer, "key").get("status") == "enabled"
        return RemoteCredential(certificates, enabled, needs_pin, needs_otp, str(answer.get("SCAL", "1")) == "2")

    def authorize(self, credential: str, digests: tuple[bytes, ...], pin: str | None, otp: str | None) -> Activation:
        """Have the use of a key for exactly these SHA-256 digests activated.

        Raises:
            KeyUnavailable: refused (a wrong PIN or OTP too), or no usable answer.
        """
        hashes = [base64.b64encode(digest).decode() for digest in digests]
        question: dict[str, Any] = {"credentialID": credential, "numSignatures": len(digests)}
        secrets = {name: value for name, value in (("PIN", pin), ("OTP", otp)) if value is not None}
        if self.version is CscVersion.V1:
            question |= {"hash": hashes, **secrets}
        else:
            question |= {"hashes": hashes, "hashAlgorithmOID": algos.DigestAlgorithmId("sha256").dotted}
            question["authData"] = [{"id": name, "value": value} for name, value in secrets.items()]
        answer = self._call("credentials/authorize", question)
        sad, lifetime_s = answer.get("SAD"), answer.get("expiresIn", 3600)
        if not isinstance(sad, str) or not sad or isinstance(lifetime_s, bool) or not isinstance(lifetime_s, int):
            raise KeyUnavailable(f"remote key {credential}: the activation cannot be read")
        return Activation(sad, time.monotonic() + lifetime_s)

    def sign_hash(self, credential: str, activation: Activation, digest: bytes, algorithm: str) -> bytes:
        """One signature value over a SHA-256 digest; not verified here.

        Raises:
            KeyUnavailable: refused, or no usable answer.
        """
        value = base64.b64encode(digest).decode()
        question: dict[str, Any] = {"credentialID": credential, "SAD": activation.sad}
        question["signAlgo"] = algos.SignedDigestAlgorithmId(algorithm).dotted
        oid = algos.DigestAlgorithmId("sha256").dotted
        if self.version is CscVersion.V1:
            question |= {"hash": [value], "hashAlgo": oid}
        else:
            question |= {"hashes": [value], "hashAlgorithmOID": oid, "operationMode": "S"}
        signatures = _list(self._call("signatures/signHash", question), "signatures")
        if len(signatures) != 1:
            raise KeyUnavailable(f"remote key {credential}: {len(signatures)} signatures for one digest")
        try:
            return _base64(signatures[0])
        except (ValueError, TypeError) as error:
            raise KeyUnavailable(f"remote key {credential}: the signature cannot be read") from error

    def _token(self) -> str:
        """A token with a line break or a letter that no header may hold would be quoted by the HTTP library's error."""
        token = self._access_token()
        if not _TOKEN.fullmatch(token):
            raise KeyUnavailable("remote signing: the access token is empty or malformed")
        return token

    def _call(self, method: str, question: Mapping[str, Any], *, signed_in: bool = True) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._token()}"} if signed_in else {}
        try:
            answer = self._fetcher.post_json(self._base + method, json.dumps(question).encode(), headers)
            found = json.loads(answer)
        except FetchFailed as error:
            reason = "the access token is refused" if error.status == 401 else str(error)
            raise KeyUnavailable(f"remote signing, {method}: {reason}") from None
        except (FetchRefused, RecursionError, ValueError) as error:
            raise KeyUnavailable(f"remote signing, {method}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise KeyUnavailable(f"remote signing, {method}: the answer is no object")
        return found


class RemoteKey:
    """A key behind a remote service. Thread-safe. ``repr`` names address and credential only.

    ``pinned`` is the certificate that the operator expects, None where whatever the service names is taken.

    Raises:
        KeyUnavailable: the service does not answer, the key is not enabled, needs a PIN or OTP that is not configured,
            or has another certificate than the pinned one.
    """

    def __init__(
        self,
        service: RemoteService,
        credential: str,
        pin: Secret | None = None,
        otp: Secret | None = None,
        pinned: x509.Certificate | None = None,
    ) -> None:
        self._service = service
        self._credential = credential
        self._pin = pin
        self._otp = otp
        found = service.credential(credential)
        if not found.enabled:
            raise KeyUnavailable(f"remote key {credential}: not enabled")
        if (found.needs_pin and pin is None) or (found.needs_otp and otp is None):
            raise KeyUnavailable(f"remote key {credential}: it asks for a PIN or OTP that is not configured")
        if pinned is not None and pinned.dump() != found.certificates[0].dump():
            raise KeyUnavailable(f"remote key {credential}: it has another certificate than the one configured")
        self._certificate, self._chain = found.certificates[0], found.certificates[1:]

    @property
    def certificate(self) -> x509.Certificate:
        """The one that the service names; the configured one, where there is one, is the same."""
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The issuers that the service names."""
        return self._chain

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign``."""
        return self.sign_digest(hashlib.new(digest_algorithm, data).digest(), digest_algorithm)

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign_digest``: 1 activate for this digest · 2 sign · 3 verify with the certificate.

        Activation data are for one digest and used once; those that are about to expire are asked for again, once.
        """
        if digest_algorithm != "sha256":
            raise KeyUnavailable(f"remote key {self._credential}: only SHA-256 is asked of remote services")
        activation = self._activate(digest)  # 1
        if not activation.usable:
            activation = self._activate(digest)
        if not activation.usable:
            raise KeyUnavailable(f"remote key {self._credential}: its activation expires before it can be used")
        kind = "rsa" if self._certificate.public_key.algorithm == "rsa" else "ecdsa"
        value = self._service.sign_hash(self._credential, activation, digest, f"sha256_{kind}")  # 2
        if not value_fits(self._certificate, value, digest, "sha256"):  # 3
            raise KeyAnswerWrong(f"remote key {self._credential}: its signature does not fit its certificate")
        return value

    def _activate(self, digest: bytes) -> Activation:
        pin = None if self._pin is None else self._pin()
        otp = None if self._otp is None else self._otp()
        return self._service.authorize(self._credential, (digest,), pin, otp)

    def __repr__(self) -> str:
        return f"RemoteKey({self._credential})"


def value_fits(certificate: x509.Certificate, value: bytes, digest: bytes, digest_algorithm: str) -> bool:
    """Is this the signature value of the digest by the certificate's key (RSASSA-PKCS1-v1_5 or ECDSA)."""
    try:
        public_key = cx509.load_der_x509_certificate(certificate.dump()).public_key()
        prehashed = utils.Prehashed(HASHES[digest_algorithm])
        match public_key:
            case rsa.RSAPublicKey():
                public_key.verify(value, digest, padding.PKCS1v15(), prehashed)
            case ec.EllipticCurvePublicKey():
                public_key.verify(value, digest, ec.ECDSA(prehashed))
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _asked(answer: Mapping[str, Any]) -> tuple[bool, bool]:
    """Does the key ask for a PIN, for an OTP: v1 says it in members of their names, v2 in ``auth.objects``."""
    auth = answer.get("auth")
    objects = auth.get("objects", []) if isinstance(auth, dict) else []
    named = {str(one.get("id")).upper() for one in objects if isinstance(one, dict)}
    presence = {name: _object(answer, name).get("presence") for name in ("PIN", "OTP")}
    needs_pin, needs_otp = (name in named or presence[name] in ("true", True) for name in ("PIN", "OTP"))
    return needs_pin, needs_otp


def _object(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    value = answer.get(name)
    return value if isinstance(value, list) else []


def _base64(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("no Base64 text")
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no Base64 text") from error
