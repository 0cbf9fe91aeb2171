"""adbe.x509.rsa_sha1 (ISO 32000-1 12.8.3.2): a bare PKCS#1 value over SHA-1 of the range, certificates in ``/Cert``."""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import core, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from verifier.cms.container import read_certificate
from verifier.cms.rules import Content
from verifier.pdf.signatures import ListedSignature

RSA_SHA1 = "adbe.x509.rsa_sha1"


@dataclass(frozen=True)
class RsaSha1:
    """The value and the first certificate, which is the signer's."""

    value: bytes
    certificate: x509.Certificate


def read_rsa_sha1(listed: ListedSignature) -> RsaSha1:
    """Take the dictionary apart.

    Raises:
        ValueError: and others of asn1crypto's; IndexError where there is no certificate.
    """
    return RsaSha1(bytes(core.OctetString.load(listed.contents)), read_certificate(listed.certificates[0]))


def rsa_sha1_holds(signature: RsaSha1, content: Content) -> bool:
    """Does the value verify over the covered bytes.

    Raises:
        TypeError: the certificate's key is no RSA key.
    """
    key = serialization.load_der_public_key(signature.certificate.public_key.dump())
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("not an RSA key")
    try:
        key.verify(signature.value, b"".join(content), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - as named
    except InvalidSignature:
        return False
    return True
