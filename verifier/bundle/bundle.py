"""The evidence bundle: all that a verdict rests on besides the document, in one ZIP that describes itself.

``manifest.json`` names the document, the policy, the times, the report and each piece; ``evidence/`` holds the pieces
as DER; ``manifest.json.p7s`` is the seal of the service that made it, where it has a key for that (``bundle_seal.py``).
A bundle brings evidence, never trust: the anchors are those of whoever judges again (``environment_of``).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from certs.anchors import TrustStore, make_store
from certs.catalogue import Catalogue
from certs.certificate import fingerprint
from certs.revocation import ArchivedSource
from verifier.inputs import Environment
from verifier.policy import ValidationPolicy
from verifier.report import Conclusion, Finding, Severity, ValidationReport

FORMAT = "antin-evidence/1"
MEDIA_TYPE = "application/zip"

MANIFEST = "manifest.json"
SEAL = "manifest.json.p7s"
REPORT = "report.json"
MAX_BUNDLE_BYTES = 256 << 20
MAX_PIECES = 5000
MAX_PIECE_BYTES = 64 << 20
"""One CRL of 500,000 entries has about 20 MB."""
MAX_TOTAL_BYTES = 256 << 20
MAX_MANIFEST_BYTES = 4 << 20
MAX_SEAL_BYTES = 1 << 20

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""ZIP's first time: the same evidence gives the same bytes."""

ATTESTED = "EVIDENCE-SEALED"
"""An authority's seal holds over the manifest: its times are more than the bundle's own word."""

_DECLARED_DETAILS = frozenset({"STATUS-DETAIL"})


class BundleError(ValueError):
    """The file is no evidence bundle, or a damaged one; the message says why."""


class PieceKind(StrEnum):
    """What a piece of evidence is; ``other`` cannot be told from its first bytes."""

    CERTIFICATE = "certificate"
    CRL = "crl"
    OCSP = "ocsp"
    TIME_STAMP = "time-stamp"
    OTHER = "other"


_SUFFIXES = {
    PieceKind.CERTIFICATE: "cer",
    PieceKind.CRL: "crl",
    PieceKind.OCSP: "ors",
    PieceKind.TIME_STAMP: "tst",
    PieceKind.OTHER: "der",
}


@dataclass(frozen=True)
class Piece:
    """One certificate, CRL, OCSP response or time stamp as DER."""

    kind: PieceKind
    sha256: str
    der: bytes

    @property
    def file(self) -> str:
        """Its name in the ZIP."""
        return f"evidence/{self.sha256}.{_SUFFIXES[self.kind]}"


@dataclass(frozen=True)
class EvidenceBundle:
    """What a bundle says. Times are aware UTC; ``content_sha256`` is the signed file of a detached CMS.

    Of a bundle that was read, ``manifest`` are the bytes that ``seal`` (a detached CMS; None: there is none) is over.
    """

    document_sha256: str
    content_sha256: str | None
    policy_id: str
    policy_sha256: str
    trust_store_sha256: str
    validation_time: datetime
    received_at: datetime | None
    conclusion: Conclusion
    pieces: tuple[Piece, ...]
    manifest: bytes = b""
    seal: bytes | None = None

    def ders(self, kind: PieceKind) -> tuple[bytes, ...]:
        """All pieces of a kind, in the order in which they were used."""
        return tuple(piece.der for piece in self.pieces if piece.kind is kind)


def bundle_of(
    report: ValidationReport, evidence: Mapping[str, bytes], content_sha256: str | None = None
) -> EvidenceBundle:
    """The bundle of a report and the bytes of its evidence (hex SHA-256 → DER)."""
    used = dict.fromkeys(sha256 for verdict in report.verdicts for sha256 in verdict.facts.evidence)
    order = [sha256 for sha256 in (*used, *sorted(set(evidence) - used.keys())) if sha256 in evidence]
    return EvidenceBundle(
        document_sha256=report.sha256,
        content_sha256=content_sha256,
        policy_id=report.policy_id,
        policy_sha256=report.policy_sha256,
        trust_store_sha256=report.trust_store_sha256,
        validation_time=report.validation_time,
        received_at=report.received_at,
        conclusion=report.conclusion,
        pieces=tuple(Piece(kind_of(evidence[sha256]), sha256, evidence[sha256]) for sha256 in order),
    )


def write_bundle(
    bundle: EvidenceBundle,
    readme: str,
    report: Mapping[str, Any],
    about: Mapping[str, Any],
    seal: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """The ZIP.

    Args:
        bundle: the evidence.
        readme: tells a person what it is.
        report: the verdict as it was given.
        about: joins the manifest (who made the bundle, of which verification).
        seal: makes a detached CMS signature over the manifest; None leaves the bundle unsealed.
    """
    told = _json(report)
    manifest = {
        "format": FORMAT,
        **about,
        "document_sha256": bundle.document_sha256,
        "content_sha256": bundle.content_sha256,
        "policy": bundle.policy_id,
        "policy_sha256": bundle.policy_sha256,
        "trust_store_sha256": bundle.trust_store_sha256,
        "validation_time": bundle.validation_time.isoformat(),
        "received_at": None if bundle.received_at is None else bundle.received_at.isoformat(),
        "conclusion": bundle.conclusion.value,
        "report_sha256": hashlib.sha256(told).hexdigest(),
        "pieces": [{"kind": p.kind.value, "sha256": p.sha256, "file": p.file} for p in bundle.pieces],
    }
    listed = _json(manifest)
    files = [
        (MANIFEST, listed),
        *([] if seal is None else [(SEAL, seal(listed))]),
        (REPORT, told),
        ("README.txt", readme.encode()),
        *((piece.file, piece.der) for piece in bundle.pieces),
    ]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return written.getvalue()


def read_bundle(data: bytes) -> EvidenceBundle:
    """Read a bundle from anybody's hands: bounded, every piece checked against its digest, its kind seen anew.

    Raises:
        BundleError: it is none.
    """
    if len(data) > MAX_BUNDLE_BYTES:
        raise BundleError(f"more than {MAX_BUNDLE_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = _file(archive, MANIFEST, MAX_MANIFEST_BYTES)
            manifest = json.loads(listed)
            if manifest["format"] != FORMAT:
                raise BundleError(f"format {manifest['format']!r}, expected {FORMAT!r}")
            _check_report(archive, manifest.get("report_sha256"))
            return EvidenceBundle(
                document_sha256=str(manifest["document_sha256"]),
                content_sha256=manifest["content_sha256"],
                policy_id=str(manifest["policy"]),
                policy_sha256=str(manifest["policy_sha256"]),
                trust_store_sha256=str(manifest["trust_store_sha256"]),
                validation_time=_time(manifest["validation_time"]),
                received_at=None if manifest["received_at"] is None else _time(manifest["received_at"]),
                conclusion=Conclusion(manifest["conclusion"]),
                pieces=_pieces(archive, manifest["pieces"]),
                manifest=listed,
                seal=_file(archive, SEAL, MAX_SEAL_BYTES) if SEAL in archive.namelist() else None,
            )
    except BundleError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        raise BundleError(f"not a ZIP that can be read: {error}") from error
    except (KeyError, TypeError, ValueError, RuntimeError, RecursionError) as error:
        raise BundleError(f"no proper manifest: {error}") from error


def environment_of(
    bundle: EvidenceBundle, policy: ValidationPolicy, trust: TrustStore, catalogue: Catalogue
) -> Environment:
    """With what the verdict is re-derived: no network; of the trusted certificates those that the bundle holds.

    What the bundle holds beyond them completes paths but is no anchor and pins nothing.
    """
    held = {piece.sha256 for piece in bundle.pieces if piece.kind is PieceKind.CERTIFICATE}
    anchors = [anchor for anchor in trust.anchors if fingerprint(anchor.certificate) in held]
    pinned = [certificate for certificate in trust.intermediates if fingerprint(certificate) in held]
    source = ArchivedSource(bundle.ders(PieceKind.CRL), bundle.ders(PieceKind.OCSP))
    return Environment(policy, make_store(anchors, pinned), catalogue, (source,), bundle.ders(PieceKind.CERTIFICATE))


def bundle_findings(
    bundle: EvidenceBundle, environment: Environment, trust: TrustStore, report: ValidationReport, seal: Finding | None
) -> tuple[Finding, ...]:
    """What must be said about a verdict that was re-derived from a bundle.

    ``trust`` is the whole trust store here, ``seal`` what was found of the bundle's seal (``bundle_seal.py``).
    """
    findings = [] if seal is None else [seal]
    same = bundle.document_sha256 == report.sha256
    if not same:
        findings.append(Finding("EVIDENCE-OTHER-DOCUMENT", Severity.WARNING))
    if not trust.anchors:
        findings.append(Finding("EVIDENCE-NO-TRUST-CONFIGURED", Severity.WARNING))
    elif not environment.trust.anchors and bundle.ders(PieceKind.CERTIFICATE):
        findings.append(Finding("EVIDENCE-ANCHOR-NOT-TRUSTED", Severity.WARNING))
    if same and seal is None and report.validation_time == bundle.validation_time:
        time = (("time", bundle.validation_time.isoformat()),)
        findings.append(Finding("EVIDENCE-NOT-SEALED", Severity.INFO, time))
    if same and bundle.received_at is not None and (seal is None or seal.code != ATTESTED):
        time = (("time", bundle.received_at.isoformat()),)
        findings.append(Finding("EVIDENCE-RECEIPT-CLAIMED", Severity.WARNING, time))
    if same and bundle.conclusion is not report.conclusion:
        before = (("before", bundle.conclusion.value),)
        findings.append(Finding("EVIDENCE-CONCLUSION-DIFFERS", Severity.WARNING, before))
    return tuple(findings)


def comparable(report: ValidationReport) -> ValidationReport:
    """A report without what a re-derived one may differ in: the digest of the trust store (only the anchors used are
    known then), the wording of why a status is unknown (it quotes the network), the evidence held beside it."""
    verdicts = tuple(
        replace(
            verdict,
            findings=_without_details(verdict.findings),
            facts=replace(verdict.facts, findings=_without_details(verdict.facts.findings), evidence=()),
        )
        for verdict in report.verdicts
    )
    return replace(report, trust_store_sha256="", verdicts=verdicts, evidence={})


def kind_of(der: bytes) -> PieceKind:
    """What a piece is, by the tags it begins with; nothing is believed for it."""
    outer = _children(der, 3)
    match [tag for tag, _ in outer]:
        case [0x30, 0x30, 0x03]:
            return _signed_kind(outer[0][1])
        case [0x0A, 0xA0, *_] | [0x30, 0x30, 0x03, *_]:
            return PieceKind.OCSP
        case [0x06, 0xA0, *_]:
            return PieceKind.TIME_STAMP
        case [0x0A]:
            return PieceKind.OCSP
    return PieceKind.OTHER


def _signed_kind(tbs: bytes) -> PieceKind:
    """Certificate, CRL or BasicOCSPResponse: by the first elements of what is signed (RFC 5280 4.1, 5.1, RFC 6960)."""
    tags = [tag for tag, _ in _elements(tbs, 3)]
    match tags:
        case [0xA0, 0x02, 0x30] | [0x02, 0x30, 0x30]:
            return PieceKind.CERTIFICATE if tags[0] == 0xA0 else PieceKind.CRL
        case [0x30, 0x30, 0x17 | 0x18]:
            return PieceKind.CRL
        case [0xA1 | 0xA2, 0x18, 0x30] | [0xA0, 0xA1 | 0xA2, 0x18]:
            return PieceKind.OCSP
    return PieceKind.OTHER


def _children(der: bytes, count: int) -> list[tuple[int, bytes]]:
    top = _elements(der, 1)
    return _elements(top[0][1], count) if top and top[0][0] == 0x30 else []


def _elements(data: bytes, count: int) -> list[tuple[int, bytes]]:
    """Tag and content of the first elements of a DER sequence; ends where they are no longer well-formed."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while len(found) < count and at + 2 <= len(data):
        tag, length, start = data[at], data[at + 1], at + 2
        if length >= 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[start : start + size], "big")
            start += size
        if start + length > len(data):
            break
        found.append((tag, data[start : start + length]))
        at = start + length
    return found


def _without_details(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(f, parameters=()) if f.code in _DECLARED_DETAILS else f for f in findings)


def _pieces(archive: zipfile.ZipFile, rows: list[dict[str, str]]) -> tuple[Piece, ...]:
    if len(rows) > MAX_PIECES:
        raise BundleError(f"more than {MAX_PIECES} pieces")
    left = MAX_TOTAL_BYTES
    pieces = []
    for row in rows:
        der = _file(archive, row["file"], min(MAX_PIECE_BYTES, left))
        left -= len(der)
        if hashlib.sha256(der).hexdigest() != row["sha256"]:
            raise BundleError(f"{row['file']} is not what the manifest names")
        pieces.append(Piece(kind_of(der), row["sha256"], der))
    return tuple(pieces)


def _check_report(archive: zipfile.ZipFile, sha256: str | None) -> None:
    """The verdict in the bundle is the one that the manifest names (bundles of before name none)."""
    if sha256 is not None and hashlib.sha256(_file(archive, REPORT, MAX_PIECE_BYTES)).hexdigest() != sha256:
        raise BundleError(f"{REPORT} is not what the manifest names")


def _file(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    with archive.open(name) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise BundleError(f"{name} is larger than {max_bytes} bytes")
    return data


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise BundleError("a time without zone")
    return time.astimezone(UTC)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
