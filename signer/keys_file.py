"""A key in a PKCS#12 file, for development and small installations; loaded once and held."""

from __future__ import annotations

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import pkcs12

from signer.keys import KeyUnavailable

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class FileKey:
    """A private key in memory. ``repr`` shows the certificate only."""

    def __init__(
        self,
        private_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
    ) -> None:
        self._private_key = private_key
        self._certificate = certificate
        self._chain = chain

    @classmethod
    def from_pkcs12(cls, data: bytes, passphrase: bytes | None) -> FileKey:
        """Load the key, its certificate and the certificates beside it.

        Raises:
            KeyUnavailable: not PKCS#12, a wrong passphrase, no key or certificate in it, or an unsupported kind of key.
        """
        try:
            loaded = pkcs12.load_pkcs12(data, passphrase)
        except ValueError:
            # The library's message is not passed on: it could quote what it was given.
            raise KeyUnavailable("the PKCS#12 data cannot be opened with this passphrase") from None
        key = loaded.key
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or loaded.cert is None:
            raise KeyUnavailable("the PKCS#12 data holds no RSA or EC key with its certificate")
        encoding = serialization.Encoding.DER
        certificate = x509.Certificate.load(loaded.cert.certificate.public_bytes(encoding))
        chain = tuple(x509.Certificate.load(c.certificate.public_bytes(encoding)) for c in loaded.additional_certs)
        held = cls(key, certificate, chain)
        held._check_pair(loaded.cert.certificate.public_key())
        return held

    @property
    def certificate(self) -> x509.Certificate:
        """The one in the PKCS#12 data."""
        return self._certificate

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """The other certificates in the PKCS#12 data."""
        return self._chain

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign``; OpenSSL key objects may be used from several threads at once."""
        digest = HASHES[digest_algorithm]
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self._private_key.sign(data, padding.PKCS1v15(), digest)
        return self._private_key.sign(data, ec.ECDSA(digest))

    def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
        """See ``SigningKey.sign_digest``."""
        prehashed = utils.Prehashed(HASHES[digest_algorithm])
        if isinstance(self._private_key, rsa.RSAPrivateKey):
            return self._private_key.sign(digest, padding.PKCS1v15(), prehashed)
        return self._private_key.sign(digest, ec.ECDSA(prehashed))

    def __repr__(self) -> str:
        return f"FileKey({self._certificate.subject.human_friendly})"

    def _check_pair(self, public_key: object) -> None:
        """One signature at loading time shows that key and certificate belong together; none is spent later."""
        probe = b"antin: does this key belong to this certificate?"
        signature = self.sign(probe, "sha256")
        try:
            match public_key:
                case rsa.RSAPublicKey():
                    public_key.verify(signature, probe, padding.PKCS1v15(), hashes.SHA256())
                case ec.EllipticCurvePublicKey():
                    public_key.verify(signature, probe, ec.ECDSA(hashes.SHA256()))
                case _:
                    raise KeyUnavailable("the certificate's key is neither RSA nor EC")
        except (InvalidSignature, ValueError):
            raise KeyUnavailable("the key does not belong to the certificate beside it") from None
