"""Which level a signature reaches (EN 319 142-1 §6 for PAdES; the PKCS7 family by the same marks).

A level says what a signature carries, not what it is worth: trust plays no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import crl, ocsp, x509

from verifier.guard import Failure, attempt
from verifier.pdf.signatures import ListedSignature
from verifier.report import SignatureLevel
from verifier.signature.embedded import EmbeddedEvidence

_PADES = (SignatureLevel.PADES_B, SignatureLevel.PADES_T, SignatureLevel.PADES_LT, SignatureLevel.PADES_LTA)
CADES = (SignatureLevel.CADES_B, SignatureLevel.CADES_T, SignatureLevel.CADES_LT, SignatureLevel.CADES_LTA)
XADES = (SignatureLevel.XADES_B, SignatureLevel.XADES_T, SignatureLevel.XADES_LT, SignatureLevel.XADES_LTA)
_PKCS7 = (SignatureLevel.PKCS7_B, SignatureLevel.PKCS7_T, SignatureLevel.PKCS7_LT, SignatureLevel.PKCS7_LTA)


@dataclass(frozen=True)
class Marks:
    """What decides the level: an ESS attribute, an intact time stamp, status for the whole chain, a later archive."""

    has_signing_certificate_attribute: bool
    is_stamped: bool
    has_status: bool
    is_archived: bool


def level_of(subfilter: str | None, marks: Marks) -> SignatureLevel | None:
    """The level, None for a form that has none (unknown sub-filters, ETSI without the ESS attribute)."""
    if subfilter == "ETSI.CAdES.detached" and marks.has_signing_certificate_attribute:
        ladder = _PADES
    elif subfilter in ("adbe.pkcs7.detached", "adbe.pkcs7.sha1"):
        ladder = _PKCS7
    else:
        return None
    return rung(ladder, marks.is_stamped, marks.has_status, marks.is_archived)


def rung(ladder: Sequence[SignatureLevel], is_stamped: bool, has_status: bool, is_archived: bool) -> SignatureLevel:
    """B, T, LT or LTA of a family: each needs the one before."""
    if not is_stamped:
        return ladder[0]
    if not has_status:
        return ladder[1]
    return ladder[3] if is_archived else ladder[2]


class StatusIndex:
    """For which certificates the document holds a CRL or an OCSP response, by names and serial numbers alone."""

    def __init__(self, evidence: EmbeddedEvidence) -> None:
        self._issuers = {name for data in evidence.crls if (name := _crl_issuer(data)) is not None}
        self._serials = {serial for data in evidence.ocsps for serial in _ocsp_serials(data)}

    def covers(self, chain: Sequence[x509.Certificate]) -> bool:
        """Is there status for every certificate of the chain that is not self-issued."""
        needing = [certificate for certificate in chain if certificate.issuer != certificate.subject]
        return bool(needing) and all(self._covers_one(certificate) for certificate in needing)

    def _covers_one(self, certificate: x509.Certificate) -> bool:
        return certificate.serial_number in self._serials or certificate.issuer.hashable in self._issuers


def has_dss(stamp: ListedSignature) -> bool:
    """Does a document time stamp cover a revision that has a DSS (EN 319 142-1 §5.4.3)."""
    embedded = stamp.embedded
    if embedded is None:
        return False
    return attempt("dss", lambda: "/DSS" in embedded.reader.get_historical_root(embedded.signed_revision)) is True


def _crl_issuer(data: bytes) -> str | None:
    def read() -> str:
        return str(crl.CertificateList.load(data)["tbs_cert_list"]["issuer"].hashable)

    issuer = attempt("crl", read)
    return None if isinstance(issuer, Failure) else issuer


def _ocsp_serials(data: bytes) -> list[int]:
    def read() -> list[int]:
        responses: Any = ocsp.OCSPResponse.load(data).response_data["responses"]
        return [int(single["cert_id"]["serial_number"].native) for single in responses]

    serials = attempt("ocsp", read)
    return [] if isinstance(serials, Failure) else serials
