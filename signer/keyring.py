"""Where keys are (``KeyReference``) and the ring that opens each of them once per process."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import x509

from certs.certificate import read_certificates
from signer.keys import KeyUnavailable, SigningKey
from signer.keys_file import FileKey
from signer.keys_hsm import TokenKey
from signer.keys_remote import CscVersion, RemoteKey, RemoteService, Secret
from signer.secret import SecretSource
from signer.token_module import token_module


@dataclass(frozen=True)
class FileKeyReference:
    """A PKCS#12 file (development and small installations)."""

    path: Path
    passphrase: SecretSource | None = None


@dataclass(frozen=True)
class TokenKeyReference:
    """A key in a PKCS#11 token; ``certificate`` is a PEM or DER file where the token holds none."""

    module: str
    token: str
    label: str
    pin: SecretSource
    certificate: Path | None = None


@dataclass(frozen=True)
class RemoteKeyReference:
    """A key of a remote signing service (CSC API); ``certificate`` pins the one that is expected."""

    url: str
    version: CscVersion
    credential: str
    access_token: SecretSource
    pin: SecretSource | None
    otp: SecretSource | None
    certificate: Path | None
    timeout_s: float


@dataclass(frozen=True)
class ElsewhereKeyReference:
    """A key that this service cannot use: its holder signs with a token on the desk, in a session of two steps."""

    certificate: Path


KeyReference = FileKeyReference | TokenKeyReference | RemoteKeyReference | ElsewhereKeyReference


class KeyRing:
    """Opens each key at its first use and keeps it; built once per process. Thread-safe.

    ``environ`` is where secrets named by a variable are read from.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._lock = threading.Lock()
        self._keys: dict[KeyReference, SigningKey] = {}

    def open(self, reference: KeyReference) -> SigningKey:
        """The key behind a reference.

        Raises:
            KeyUnavailable: it cannot be opened; the next call tries again (a failure is not remembered).
        """
        with self._lock:
            if reference not in self._keys:
                self._keys[reference] = self._load(reference)
            return self._keys[reference]

    def certificate(self, reference: KeyReference) -> x509.Certificate:
        """The certificate of the key behind a reference, also of one that is elsewhere.

        Raises:
            KeyUnavailable: as ``open``, or its file cannot be read.
        """
        if isinstance(reference, ElsewhereKeyReference):
            return _certificates(reference.certificate)[0]
        return self.open(reference).certificate

    def _load(self, reference: KeyReference) -> SigningKey:
        match reference:
            case FileKeyReference():
                return self._load_file(reference)
            case TokenKeyReference():
                return self._load_token(reference)
            case RemoteKeyReference():
                return self._load_remote(reference)
            case ElsewhereKeyReference():
                raise KeyUnavailable(f"the key of {reference.certificate.name} is elsewhere")

    def _load_file(self, reference: FileKeyReference) -> SigningKey:
        secret = reference.passphrase
        passphrase = None if secret is None else secret.read(self._environ).encode("utf-8")
        return FileKey.from_pkcs12(_read(reference.path), passphrase)

    def _load_token(self, reference: TokenKeyReference) -> SigningKey:
        certificates = () if reference.certificate is None else _certificates(reference.certificate)
        return TokenKey(
            token_module(reference.module),
            reference.token,
            reference.label,
            lambda: reference.pin.read(self._environ),
            certificates[0] if certificates else None,
            certificates[1:],
        )

    def _load_remote(self, reference: RemoteKeyReference) -> RemoteKey:
        service = RemoteService(
            reference.url, reference.version, self._reader(reference.access_token), reference.timeout_s
        )
        return RemoteKey(
            service,
            reference.credential,
            None if reference.pin is None else self._reader(reference.pin),
            None if reference.otp is None else self._reader(reference.otp),
            None if reference.certificate is None else _certificates(reference.certificate)[0],
        )

    def _reader(self, source: SecretSource) -> Secret:
        return lambda: source.read(self._environ)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyUnavailable(f"the key file {path} cannot be read: {type(error).__name__}") from None


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    """The signer's certificate first, then its issuers, as they stand in the file; at least one."""
    try:
        found = tuple(read_certificates(_read(path)))
    except ValueError as error:
        raise KeyUnavailable(f"the certificate file {path}: {error}") from None
    if not found:
        raise KeyUnavailable(f"the certificate file {path} holds no certificate")
    return found
