"""A key whose every use is admitted and recorded before it happens, and its outcome after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from asn1crypto import x509

from signer.keys import KeyAnswerWrong, SigningKey, signature_mechanism
from signer.keys_remote import value_fits

Outcome = Callable[[bool], None]
"""Told once whether the key was used."""

Admit = Callable[[bytes], Outcome]
"""Asked before a use, with the digest that will be signed; raises where it must not happen (``SealRefused``)."""


class RecordedKey:
    """A ``SigningKey`` over another one: no signature without ``admit``, and ``admit`` is told what became of it."""

    def __init__(self, key: SigningKey, admit: Admit) -> None:
        self._key = key
        self._admit = admit

    @property
    def certificate(self) -> x509.Certificate:
        """See ``SigningKey``: of the key below."""
        return self._key.certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """See ``SigningKey``: of the key below."""
        return self._key.chain

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign``.

        Raises:
            SealRefused: the use is not admitted. KeyUnavailable: as the key itself.
        """
        digest = hashlib.new(digest_algorithm, data).digest()
        return self._recorded(digest, lambda: self._key.sign(data, digest_algorithm))

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign_digest``; raises as ``sign``."""
        return self._recorded(digest, lambda: self._key.sign_digest(digest, digest_algorithm))

    def _recorded(self, digest: bytes, use: Callable[[], bytes]) -> bytes:
        outcome = self._admit(digest)
        try:
            value = use()
        except BaseException:
            outcome(False)
            raise
        outcome(True)
        return value


def sign_digest_checked(key: SigningKey, digest: bytes, digest_algorithm: str) -> bytes:
    """A signature value over a digest that verifies with the key's certificate.

    Raises:
        SealRefused: KEY-UNUSABLE, or as ``RecordedKey.sign``. KeyUnavailable: as the key itself.
        KeyAnswerWrong: the value does not verify.
    """
    signature_mechanism(key.certificate, digest_algorithm)
    value = key.sign_digest(digest, digest_algorithm)
    if not value_fits(key.certificate, value, digest, digest_algorithm):
        raise KeyAnswerWrong("the signature does not fit the certificate")
    return value
