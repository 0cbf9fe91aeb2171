"""The signing port: what the service needs of a private key, wherever it lives, and pyHanko's signer on top of it."""

from __future__ import annotations

from typing import Protocol

from asn1crypto import algos, x509
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signer.refusal import RefusalCode, SealRefused

DIGEST = "sha256"
"""Digest of documents, attributes and time stamps (TT 15/2025 Phụ lục II: SHA-256 and stronger)."""

MAX_ECDSA_BYTES = 141
"""DER size of an ECDSA signature on P-521, the largest curve; room is reserved for it before signing."""


class SigningKey(Protocol):
    """A private key held open: used many times, loaded once. Implementations are thread-safe."""

    @property
    def certificate(self) -> x509.Certificate:
        """What the key's signatures are verified with."""
        ...

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The issuing certificates that came with the key, in any order, possibly none."""
        ...

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """Sign ``data`` (not its digest); RSA as PKCS#1 v1.5, ECDSA as DER.

        Raises:
            KeyUnavailable: the key cannot be reached now. KeyAnswerWrong: what it answered is no signature of it.
        """
        ...

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """Sign data of which only the digest is known; as ``sign`` otherwise."""
        ...


class KeyUnavailable(Exception):  # noqa: N818 - a state of the world outside, not a mistake
    """The key cannot be opened or used; the message never holds a PIN, a passphrase or key material."""


class KeyAnswerWrong(KeyUnavailable):
    """A remote key answered with a value that its certificate does not verify."""


def signature_mechanism(certificate: x509.Certificate, digest_algorithm: str) -> algos.SignedDigestAlgorithm:
    """The mechanism for a certificate's key: RSASSA-PKCS1-v1_5 (as all real certificates here) or ECDSA.

    Raises:
        SealRefused: KEY-UNUSABLE for any other kind of key, or an RSA key under 2048 or EC key under 256 bits.
    """
    public_key = certificate.public_key
    kind = public_key.algorithm
    minimum_bits = {"rsa": 2048, "ec": 256}.get(kind)
    if minimum_bits is None or public_key.bit_size < minimum_bits:
        raise SealRefused(RefusalCode.KEY_UNUSABLE, (("kind", f"{kind} {public_key.bit_size}"),))
    suffix = "rsa" if kind == "rsa" else "ecdsa"
    return algos.SignedDigestAlgorithm({"algorithm": f"{digest_algorithm}_{suffix}"})


class KeySigner(Signer):
    """pyHanko's signer over a ``SigningKey``: nothing is reloaded between signatures.

    pyHanko's ``SimpleSigner`` parses and checks the private key for every signature: most of its time.
    """

    def __init__(self, key: SigningKey, embedded: tuple[x509.Certificate, ...]) -> None:
        """``embedded`` are the issuing certificates to put into the CMS beside the signer's own (no root needed).

        ``identity`` is the same for the same certificates.
        """
        store = SimpleCertificateStore()
        store.register_multiple(embedded)
        super().__init__(
            signing_cert=key.certificate,
            cert_registry=store,
            signature_mechanism=signature_mechanism(key.certificate, DIGEST),
            embed_roots=False,
        )
        self._key = key
        self.identity = tuple(certificate.sha256 for certificate in (key.certificate, *embedded))

    @property
    def values_of_one_length(self) -> bool:
        """RSA's are; the DER of an ECDSA signature varies."""
        return bool(self._key.certificate.public_key.algorithm == "rsa")

    def sign_attributes(self, attributes: bytes) -> bytes:
        """Sign the DER of signed attributes.

        Raises:
            KeyUnavailable: the key cannot be used now.
        """
        return self._key.sign(attributes, DIGEST)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign the DER of the signed attributes (RFC 5652 §5.4)."""
        if dry_run:
            public_key = self._key.certificate.public_key
            return bytes(public_key.byte_size if public_key.algorithm == "rsa" else MAX_ECDSA_BYTES)
        return self._key.sign(data, digest_algorithm)
