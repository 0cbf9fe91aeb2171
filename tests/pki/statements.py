"""Statements about certificates for the tests: CRLs and OCSP responses of any content, from any signer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs.certificate import Certificate
from certs.revocation import EmbeddedSource, StatusAnswer, status_at
from demo.issuing import Authority, Holder, build_crl
from demo.pki import DemoPki

AT = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""The time most questions are about; the PKI of these tests is made for it."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

COMPROMISE = x509.ReasonFlags.key_compromise
HOLD = x509.ReasonFlags.certificate_hold

Extension = tuple[x509.ExtensionType, bool]


def crl(
    pki: DemoPki,
    *,
    by: str = "public-sub",
    stated: datetime = AT - HOUR,
    until: datetime = AT + DAY,
    revoked: dict[str, tuple[datetime, x509.ReasonFlags]] | None = None,
    extensions: Sequence[Extension] = (),
) -> bytes:
    """A CRL by authority ``by`` that lists these holders (or authorities) and nobody else."""
    entries = {serial(pki, slug): entry for slug, entry in (revoked or {}).items()}
    return build_crl(pki.authority(by), stated, until, entries, extensions)


def point(*, urls: tuple[str, ...] = (), **changes: object) -> tuple[x509.ExtensionType, bool]:
    """An issuing distribution point extension, critical."""
    parts: dict[str, object] = {
        "full_name": [x509.UniformResourceIdentifier(url) for url in urls] or None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**(parts | changes)), True  # type: ignore[arg-type]  # fields by name


def responder_of(still: DemoPki) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    holder = still.holder("ocsp-public-sub")
    assert isinstance(holder.key, rsa.RSAPrivateKey)
    return holder.certificate, holder.key


def serial(pki: DemoPki, slug: str) -> int:
    """Serial number of a holder's or an authority's certificate."""
    owner: Holder | Authority = pki.holders[slug] if slug in pki.holders else pki.authority(slug)
    return owner.certificate.serial_number


def garbled_extension(certificate: Certificate, name: str) -> Certificate:
    """The certificate with one extension whose value is no ASN.1 (its signature is broken too)."""
    der = bytes(certificate.dump())
    extensions = certificate["tbs_certificate"]["extensions"]
    value = next(bytes(e["extn_value"].contents) for e in extensions if e["extn_id"].native == name)
    return Certificate.load(der.replace(value, b"\x30\x7f" + value[2:]))


def ask(
    pki: DemoPki,
    slug: str = "citizen",
    *,
    crls: Sequence[bytes] = (),
    ocsps: Sequence[bytes] = (),
    at: datetime = AT,
    validation_time: datetime | None = None,
    extra: Sequence[Certificate] = (),
) -> StatusAnswer:
    """Status of a holder's certificate by these statements."""
    holder = pki.holder(slug)
    chain = holder.asn1_chain
    source = EmbeddedSource(crls, ocsps)
    return status_at(holder.asn1, chain[0], at, [source], extra, validation_time, chain)


def response(
    pki: DemoPki,
    slug: str = "citizen",
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    revoked: tuple[datetime, x509.ReasonFlags | None] | None = None,
    stated: datetime = AT - HOUR,
    until: datetime | None = AT + HOUR,
    produced: datetime | None = None,
    signer: tuple[x509.Certificate, rsa.RSAPrivateKey] | None = None,
    embed: Sequence[x509.Certificate] = (),
    about: tuple[x509.Certificate, x509.Certificate] | None = None,
    digest: hashes.HashAlgorithm | None = None,
    archive_cut_off: datetime | None = None,
    critical: str = "",
    by_name: bool = False,
    forged_with: rsa.RSAPrivateKey | None = None,
) -> bytes:
    """An OCSP response about a holder, signed by the issuer unless ``signer`` or ``forged_with`` say otherwise."""
    holder = pki.holder(slug)
    certificate, issuer = about or (holder.certificate, holder.issuer.certificate)
    signing_certificate, key = signer or (holder.issuer.certificate, holder.issuer.key)
    encoding = ocsp.OCSPResponderEncoding.NAME if by_name else ocsp.OCSPResponderEncoding.HASH
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            certificate,
            issuer,
            digest or hashes.SHA1(),
            status,
            stated,
            until,
            revoked[0] if revoked else None,
            revoked[1] if revoked else None,
        )
        .responder_id(encoding, signing_certificate)
    )
    if embed:
        builder = builder.certificates(list(embed))
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return _finished(der, forged_with or key, produced or stated, archive_cut_off, critical)


def _finished(
    der: bytes, key: rsa.RSAPrivateKey, produced: datetime, archive_cut_off: datetime | None, critical: str
) -> bytes:
    """The response with its producedAt (``cryptography`` always writes the present) and further extensions."""
    outer = asn1_ocsp.OCSPResponse.load(der)
    basic = outer["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    data["produced_at"] = produced
    extensions = []
    if archive_cut_off is not None:
        cut_off = core.ParsableOctetString(core.GeneralizedTime(archive_cut_off).dump())
        extensions.append({"extn_id": "archive_cutoff", "critical": False, "extn_value": cut_off})
    odd = {"extn_id": "1.2.3.4.5", "critical": True, "extn_value": core.ParsableOctetString(b"\x05\x00")}
    if critical == "single":
        extensions.append(odd)
    if critical == "whole":
        data["response_extensions"] = [odd]
    if extensions:
        data["responses"][0]["single_extensions"] = extensions
    signature = key.sign(data.dump(force=True), padding.PKCS1v15(), hashes.SHA256())
    basic["signature"] = signature
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return bytes(outer.dump(force=True))
