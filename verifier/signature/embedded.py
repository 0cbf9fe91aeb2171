"""Evidence that a document brought along: the DSS dictionary (ISO 32000-2 12.8.4.3) and what stands in its CMS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils import generic

from verifier.cms.container import CmsSignature, read_certificate
from verifier.guard import Failure, attempt
from verifier.pdf.reading import OpenedPdf
from verifier.policy import ValidationPolicy
from verifier.report import Finding, Severity

MAX_ENTRY_BYTES = 64 << 20
"""One CRL of 500,000 entries has about 20 MB."""

_PEM = b"-----BEGIN"
_PEM_WINDOW = 1024


@dataclass(frozen=True)
class EmbeddedEvidence:
    """Certificates, and CRLs and OCSP responses as DER; nothing of it is believed for standing in the document."""

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    findings: tuple[Finding, ...] = ()


def collect_evidence(
    opened: OpenedPdf, signatures: Iterable[CmsSignature], policy: ValidationPolicy
) -> EmbeddedEvidence:
    """Everything embedded in a PDF: what stands in its CMS structures, and in its DSS dictionary."""
    dss = _dss(opened)
    stored = Pieces(tuple(_streams(dss, "Certs")), tuple(_streams(dss, "CRLs")), tuple(_streams(dss, "OCSPs")))
    return gather([*(pieces_of(signature) for signature in signatures), stored], policy)


@dataclass(frozen=True)
class Pieces:
    """Encoded evidence from one place: certificates, CRLs and OCSP responses, DER each."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


def pieces_of(signature: CmsSignature) -> Pieces:
    """What a CMS structure brought along."""
    certificates = tuple(bytes(certificate.dump()) for certificate in signature.certificates)
    found = attempt("revocation values", signature.revocation_values)
    if isinstance(found, Failure):
        return Pieces(certificates)
    return Pieces(certificates, tuple(found[0]), tuple(found[1]))


def gather(places: Iterable[Pieces], policy: ValidationPolicy) -> EmbeddedEvidence:
    """Each piece once, up to the policy's limits; unreadable pieces are passed over and said."""
    ders: dict[bytes, None] = {}
    crls: dict[bytes, None] = {}
    ocsps: dict[bytes, None] = {}
    for place in places:
        ders.update(dict.fromkeys(_unarmored(place.certificates)))
        crls.update(dict.fromkeys(_unarmored(place.crls)))
        ocsps.update(dict.fromkeys(_unarmored(place.ocsps)))
    read = [
        attempt("certificate", partial(read_certificate, der)) for der in list(ders)[: policy.max_embedded_certificates]
    ]
    certificates = tuple(c for c in read if not isinstance(c, Failure))
    limit = policy.max_embedded_revocations
    findings = []
    if len(certificates) < len(ders) or len(crls) > limit or len(ocsps) > limit:
        findings.append(Finding("EMBEDDED-EVIDENCE-INCOMPLETE", Severity.INFO))
    return EmbeddedEvidence(certificates, tuple(crls)[:limit], tuple(ocsps)[:limit], tuple(findings))


def _unarmored(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """DER of every piece: iText writes CRLs into a DSS as it downloaded them, in PEM."""
    for piece in pieces:
        blocks = attempt("pem", partial(_blocks, piece)) if _PEM in piece[:_PEM_WINDOW] else [piece]
        yield from [piece] if isinstance(blocks, Failure) else blocks


def _blocks(piece: bytes) -> list[bytes]:
    return [bytes(der) for _kind, _headers, der in pem.unarmor(piece, multiple=True)]


def _dss(opened: OpenedPdf) -> Any:
    reader, repaired = opened.reader, opened.repaired
    if reader is not None:
        return attempt("dss", lambda: reader.root["/DSS"])
    return attempt("dss", lambda: repaired.Root.DSS) if repaired is not None else None


def _streams(dss: Any, key: str) -> Iterator[bytes]:
    """Decoded streams of one array of the DSS; whichever parser read it."""
    if dss is None or isinstance(dss, Failure):
        return
    entries = attempt(key, lambda: list(dss[f"/{key}"]))
    for entry in [] if isinstance(entries, Failure) else entries:
        data = attempt(key, partial(_stream_bytes, entry))
        if not isinstance(data, Failure) and len(data) <= MAX_ENTRY_BYTES:
            yield data


def _stream_bytes(entry: Any) -> bytes:
    if isinstance(entry, generic.IndirectObject):
        entry = entry.get_object()
    return bytes(entry.data if isinstance(entry, generic.StreamObject) else entry.read_bytes())
