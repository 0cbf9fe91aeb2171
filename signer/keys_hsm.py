"""A key in a PKCS#11 token (HSM), used through the pool of sessions of its module (``signer/token_module.py``).

A lost session is opened again once, when the token was away; serving processes and workers each have sessions of
their own beside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from asn1crypto import algos, core, x509
from cryptography.hazmat.primitives import hashes
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.types import SignMixin
from pkcs11.util.ec import encode_ecdsa_signature

from signer.keys import KeyUnavailable
from signer.keys_file import HASHES
from signer.token_module import LOST, TokenModule, TokenSession

Answer = TypeVar("Answer")

RSA_MECHANISMS = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}


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
        self._certificate = certificate or self._guarded(self._read_certificate)
        self._guarded(self._private_key)

    @property
    def certificate(self) -> x509.Certificate:
        """The one that was configured, or else read from the token."""
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The configured issuers; a token is not searched for any."""
        return self._chain

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign``."""
        return self._guarded(lambda session: self._sign(session, data, digest_algorithm))

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign_digest``."""
        return self._guarded(lambda session: self._sign_digest(session, digest, digest_algorithm))

    def __repr__(self) -> str:
        return f"TokenKey({self._token}/{self._label})"

    def _guarded(self, action: Callable[[TokenSession], Answer]) -> Answer:
        """Run an action in a session on the token; after a lost one reconnect once and run it again."""
        seen = self._module.generation
        try:
            try:
                with self._module.session(self._token, self._pin) as session:
                    seen = session.generation
                    return action(session)
            except LOST:
                self._module.restart(seen)
                with self._module.session(self._token, self._pin) as session:
                    return action(session)
        except p11.PKCS11Error as error:
            # Only the kind of failure: a PKCS#11 message could quote what was passed in.
            reason = type(error).__name__
            raise KeyUnavailable(f"token {self._token}, key {self._label}: {reason}") from None

    def _sign(self, session: TokenSession, data: bytes, digest_algorithm: str) -> bytes:
        key = self._private_key(session)
        if key.key_type is KeyType.RSA:
            return bytes(key.sign(data, mechanism=RSA_MECHANISMS[digest_algorithm]))
        # Not every token hashes for ECDSA: hash here. The token answers r || s; CMS wants DER (RFC 5753 §2.1.1).
        digest = hashes.Hash(HASHES[digest_algorithm])
        digest.update(data)
        return encode_ecdsa_signature(bytes(key.sign(digest.finalize(), mechanism=Mechanism.ECDSA)))

    def _sign_digest(self, session: TokenSession, digest: bytes, digest_algorithm: str) -> bytes:
        key = self._private_key(session)
        if key.key_type is KeyType.RSA:  # RFC 8017 §9.2: the token pads, the DigestInfo is ours
            algorithm = algos.DigestAlgorithm({"algorithm": digest_algorithm, "parameters": core.Null()})
            info = algos.DigestInfo({"digest_algorithm": algorithm, "digest": digest}).dump()
            return bytes(key.sign(info, mechanism=Mechanism.RSA_PKCS))
        return encode_ecdsa_signature(bytes(key.sign(digest, mechanism=Mechanism.ECDSA)))

    def _private_key(self, session: TokenSession) -> SignMixin:
        """The key's handle, looked up once in each session."""
        if self._label not in session.keys:
            key = session.session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._label)
            if not isinstance(key, SignMixin):
                raise KeyUnavailable(f"token {self._token}, key {self._label}: this key does not sign")
            session.keys[self._label] = key
        return session.keys[self._label]

    def _read_certificate(self, session: TokenSession) -> x509.Certificate:
        wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: self._label}
        for found in session.session.get_objects(wanted):
            return x509.Certificate.load(bytes(found[Attribute.VALUE]))
        raise KeyUnavailable(f"token {self._token} holds no certificate with the label {self._label}")
