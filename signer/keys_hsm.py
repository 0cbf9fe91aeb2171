"""A key in a PKCS#11 token (HSM): the session is held open, and opened again once when the token was away.

A PKCS#11 module is initialised once per process and its log-in state belongs to the whole process, so all keys of
one module share one ``TokenModule``: its logged-in sessions, one for each token, and its lock. One operation at a time:
python-pkcs11 0.9.5 initialises with ``C_Initialize(NULL)``, which lets a module (SoftHSM does) leave its locks out
(PKCS#11 v2.40 base §5.4). Serving processes and workers each have a session of their own: that is the parallelism.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import pkcs11
from asn1crypto import algos, core, x509
from cryptography.hazmat.primitives import hashes
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_ecdsa_signature

from signer.keys import KeyUnavailable
from signer.keys_file import HASHES

Answer = TypeVar("Answer")

RSA_MECHANISMS = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}

LOST = (
    p11.SessionHandleInvalid,
    p11.SessionClosed,
    p11.DeviceRemoved,
    p11.DeviceError,
    p11.TokenNotPresent,
    p11.TokenNotRecognised,
    p11.NoSuchToken,
    p11.SlotIDInvalid,
    p11.UserNotLoggedIn,
    p11.KeyHandleInvalid,
    p11.ObjectHandleInvalid,
    p11.FunctionFailed,
    p11.GeneralError,
)
"""What a session answers whose token went away or was restarted. A wrong PIN is not among them: it is never retried."""


class TokenModule:
    """One PKCS#11 library, its open sessions and the lock that every operation takes.

    Raises:
        KeyUnavailable: the library cannot be loaded.
    """

    def __init__(self, library: str) -> None:
        self.library = library
        self.lock = threading.RLock()
        self.generation = 0
        self._down = False
        self._sessions: dict[str, pkcs11.Session] = {}
        try:
            self._module = pkcs11.lib(library)
        except (p11.PKCS11Error, RuntimeError, OSError) as error:
            raise KeyUnavailable(f"the PKCS#11 module {library} cannot be loaded: {type(error).__name__}") from None

    def session(self, token: str, pin: Callable[[], str]) -> pkcs11.Session:
        """The logged-in session on a token, opened at the first call. Call it with the lock held."""
        if self._down:  # the last restart failed, as it does while the token is away
            self.restart()
        if token not in self._sessions:
            found = self._module.get_token(token_label=token)
            try:
                self._sessions[token] = found.open(user_pin=pin())
            except p11.UserAlreadyLoggedIn:  # by another part of this process: the log-in holds for all of it
                self._sessions[token] = found.open()
        return self._sessions[token]

    def restart(self) -> None:
        """Initialise the library again, which also finds tokens that came back; every session of it is gone."""
        self._sessions.clear()
        self.generation += 1
        self._down = True
        self._module.reinitialize()
        self._down = False


class TokenKey:
    """A private key that never leaves its token. ``repr`` names token and label only.

    The certificate is the given one, else the token's own certificate object of the same label.

    Raises:
        KeyUnavailable: no such token, key or certificate, or a wrong PIN.
    """

    def __init__(
        self,
        module: TokenModule,
        token: str,
        label: str,
        pin: Callable[[], str],
        certificate: x509.Certificate | None = None,
        chain: tuple[x509.Certificate, ...] = (),
    ) -> None:
        self._module = module
        self._token = token
        self._label = label
        self._pin = pin
        self._chain = chain
        self._handle: tuple[int, SignMixin] | None = None
        with self._module.lock:
            self._certificate = certificate or self._guarded(self._read_certificate)
            self._guarded(self._private_key)

    @property
    def certificate(self) -> x509.Certificate:
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        return self._chain

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign``."""
        with self._module.lock:
            return self._guarded(lambda: self._sign(data, digest_algorithm))

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign_digest``."""
        with self._module.lock:
            return self._guarded(lambda: self._sign_digest(digest, digest_algorithm))

    def __repr__(self) -> str:
        return f"TokenKey({self._token}/{self._label})"

    def _guarded(self, action: Callable[[], Answer]) -> Answer:
        """Run an action on the token; after a lost session reconnect once and run it again."""
        try:
            try:
                return action()
            except LOST:
                self._module.restart()
                return action()
        except p11.PKCS11Error as error:
            # Only the kind of failure: a PKCS#11 message could quote what was passed in.
            reason = type(error).__name__
            raise KeyUnavailable(f"token {self._token}, key {self._label}: {reason}") from None

    def _sign(self, data: bytes, digest_algorithm: str) -> bytes:
        key = self._private_key()
        if key.key_type is KeyType.RSA:
            return bytes(key.sign(data, mechanism=RSA_MECHANISMS[digest_algorithm]))
        # Not every token hashes for ECDSA: hash here. The token answers r || s; CMS wants DER (RFC 5753 §2.1.1).
        digest = hashes.Hash(HASHES[digest_algorithm])
        digest.update(data)
        return encode_ecdsa_signature(bytes(key.sign(digest.finalize(), mechanism=Mechanism.ECDSA)))

    def _sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        key = self._private_key()
        if key.key_type is KeyType.RSA:  # RFC 8017 §9.2: the token pads, the DigestInfo is ours
            algorithm = algos.DigestAlgorithm({"algorithm": digest_algorithm, "parameters": core.Null()})
            info = algos.DigestInfo({"digest_algorithm": algorithm, "digest": digest}).dump()
            return bytes(key.sign(info, mechanism=Mechanism.RSA_PKCS))
        return encode_ecdsa_signature(bytes(key.sign(digest, mechanism=Mechanism.ECDSA)))

    def _private_key(self) -> SignMixin:
        """The key's handle, looked up again only after the module was restarted."""
        if self._handle is None or self._handle[0] != self._module.generation:
            session = self._module.session(self._token, self._pin)
            key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._label)
            if not isinstance(key, SignMixin):
                raise KeyUnavailable(f"token {self._token}, key {self._label}: this key does not sign")
            self._handle = (self._module.generation, key)
        return self._handle[1]

    def _read_certificate(self) -> x509.Certificate:
        session = self._module.session(self._token, self._pin)
        wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: self._label}
        for found in session.get_objects(wanted):
            return x509.Certificate.load(bytes(found[Attribute.VALUE]))
        raise KeyUnavailable(f"token {self._token} holds no certificate with the label {self._label}")
