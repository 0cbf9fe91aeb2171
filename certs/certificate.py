"""Reading certificates from bytes: PEM, DER, PKCS#7 bundles; and their fingerprint.

Certificates are asn1crypto objects, which parse lazily: ``MALFORMED`` names what hostile bytes make them raise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from asn1crypto import cms, parser, pem, x509

from certs import names
from certs.memo import BoundedMemo

names.install()

Certificate: TypeAlias = x509.Certificate

MALFORMED = (*(ValueError, TypeError, KeyError, IndexError, AttributeError, NameError, OverflowError, RecursionError),)
"""What asn1crypto raises, late and in any place, on bytes that are not what they say (NameError: unknown key kinds)."""


_DER = "_antin_der"
"""The attribute in which a certificate remembers its bytes."""

_KEPT_BYTES = 1 << 18
"""Of DER, some 180 certificates; what asn1crypto makes of one takes up to fifty times as much."""

_kept: BoundedMemo[bytes, Certificate] = BoundedMemo(_KEPT_BYTES)


def kept_certificate(der: bytes, read: Callable[[bytes], Certificate]) -> Certificate:
    """The certificate of these very bytes as it was read before in this process, else as ``read`` reads it now.

    CAs and officers come again with every document, and reading a certificate takes longer than verifying it. Kept are
    only those that reading leaves byte for byte as they came (``der_of`` says which do not): of them nobody can tell
    whether somebody looked into them before.

    Raises:
        ValueError: and others of ``MALFORMED``, as ``read`` does.
    """
    known = _kept.get(der)
    if known is None:
        known = read(der)
        if _stays_itself(der):
            _kept.keep(der, known, len(der))
    return known


def _stays_itself(der: bytes) -> bool:
    try:
        return bytes(_parsed(der).dump()) == der
    except MALFORMED:
        return False


def fingerprint(certificate: Certificate) -> str:
    """Hex SHA-256 of the DER bytes: the identity by which certificates are pinned."""
    return hashlib.sha256(der_of(certificate)).hexdigest()


def der_of(certificate: Certificate) -> bytes:
    """The certificate byte for byte as it came (``dump()`` spoils unique identifiers: NIST PKITS 4.3.6).

    asn1crypto looks through the whole structure to say it, so the object remembers; nobody changes a certificate.
    """
    known: bytes | None = vars(certificate).get(_DER)
    if known is None:
        contents = certificate.contents
        known = bytes(parser.emit(0, 1, 16, contents)) if contents else bytes(certificate.dump())
        setattr(certificate, _DER, known)
    return known


def read_certificates(data: bytes) -> list[Certificate]:
    """Certificates in a PEM file (any number), a DER file or a PKCS#7 bundle (``.p7b``), in their order.

    Raises:
        ValueError: there is no certificate in it, or one cannot be parsed.
    """
    try:
        if pem.detect(data):
            return [certificate for block in pem.unarmor(data, multiple=True) for certificate in _from_armor(block)]
        return _from_der(data)
    except MALFORMED as error:
        raise ValueError(f"not a certificate: {error}") from error


def is_self_signed(certificate: Certificate) -> bool:
    """Issuer and subject agree, and so do the key identifiers where both stand; the signature is not checked here."""
    if certificate.subject != certificate.issuer:
        return False
    authority, own = certificate.authority_key_identifier, certificate.key_identifier
    return authority is None or own is None or authority == own


def valid_at(certificate: Certificate, at: datetime) -> bool:
    """Is ``at`` within the validity period (RFC 5280 4.1.2.5, both ends included)."""
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def display_name(certificate: Certificate) -> str:
    """Subject in words for messages and logs; never raises."""
    try:
        return str(certificate.subject.human_friendly)
    except MALFORMED:
        return "(unreadable name)"


def _from_armor(block: tuple[str, dict[str, str], bytes]) -> list[Certificate]:
    kind, _headers, der = block
    if kind in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}:
        return [_parsed(der)]
    if kind in {"PKCS7", "CMS"}:
        return _from_pkcs7(der)
    return []


def _from_der(der: bytes) -> list[Certificate]:
    try:
        return [_parsed(der)]
    except MALFORMED:
        return _from_pkcs7(der)


def _from_pkcs7(der: bytes) -> list[Certificate]:
    content = cms.ContentInfo.load(der, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("a PKCS#7 file without certificates")
    chosen: list[Any] = [choice.chosen for choice in content["content"]["certificates"] if choice.name == "certificate"]
    if not chosen:
        raise ValueError("a PKCS#7 file without certificates")
    return [_parsed(certificate.dump()) for certificate in chosen]


def _parsed(der: bytes) -> Certificate:
    """A certificate of which every part has been parsed once, so that nothing raises later."""
    certificate = Certificate.load(der, strict=True)
    certificate.native  # noqa: B018 - walks the whole structure
    certificate.critical_extensions  # noqa: B018 - fills the extension properties
    return certificate
