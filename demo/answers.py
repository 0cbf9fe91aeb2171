"""OCSP answers of the demo's authorities (RFC 6960)."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from demo.issuing import Authority
from demo.pki import DemoPki

OCSP_AGE = timedelta(minutes=1)
OCSP_LIFE = timedelta(hours=1)


def answer_ocsp(pki: DemoPki, slug: str, request: bytes, now: datetime) -> bytes:
    """Answer a request (DER) about a certificate of authority ``slug``.

    Signed by the authority's delegated responder where it has one (``ocsp-SLUG``), else by the authority itself;
    a nonce is echoed.

    Raises:
        ValueError: the request cannot be read.
        KeyError: there is no such authority.
    """
    authority = pki.authority(slug)
    asked = ocsp.load_der_ocsp_request(request)
    status, revoked = _status(authority, asked.serial_number)
    at, reason = revoked or (None, None)
    this_update = now.replace(microsecond=0) - OCSP_AGE
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=status,
        this_update=this_update,
        next_update=this_update + OCSP_LIFE,
        revocation_time=at,
        revocation_reason=None if reason is x509.ReasonFlags.unspecified else reason,
    )
    certificate, key = _responder(pki, authority)
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate)
    if certificate is not authority.certificate:
        builder = builder.certificates([certificate])
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            builder = builder.add_extension(extension.value, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _status(authority: Authority, serial: int) -> tuple[ocsp.OCSPCertStatus, tuple[datetime, x509.ReasonFlags] | None]:
    if serial in authority.revoked:
        return ocsp.OCSPCertStatus.REVOKED, authority.revoked[serial]
    known = serial in authority.issued
    return (ocsp.OCSPCertStatus.GOOD if known else ocsp.OCSPCertStatus.UNKNOWN), None


def _responder(pki: DemoPki, authority: Authority) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    holder = pki.holders.get(f"ocsp-{authority.slug}")
    if holder is None:
        return authority.certificate, authority.key
    if not isinstance(holder.key, rsa.RSAPrivateKey):
        raise TypeError("the responders' key is RSA")
    return holder.certificate, holder.key
