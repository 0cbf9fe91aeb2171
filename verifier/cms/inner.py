"""The document inside an attached signature: what its own signatures are worth, told by the report on the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.cms.armour import decoded
from verifier.cms.container import read_cms
from verifier.formats import sniff
from verifier.report import (
    ChangesAfter,
    Conclusion,
    DocumentFormat,
    Finding,
    Indication,
    Severity,
    SignatureKind,
    ValidationReport,
)

MAX_DEPTH = 4
"""Signed documents inside one another; a letter forwarded by three offices has three."""

_MAX_NAMED = 10
_OWN_SIGNATURES = (DocumentFormat.PDF, DocumentFormat.XML, DocumentFormat.CMS, DocumentFormat.OFFICE)


@dataclass(frozen=True)
class Inner:
    """What the file around has to say of the document inside.

    ``pages`` are the pages of what is shown: the content, however often it is wrapped. ``for_officer``: it keeps the
    file around from passing, for whoever signed that signed a document which does not hold.
    """

    findings: tuple[Finding, ...] = ()
    pages: int | None = None
    for_officer: bool = False
    evidence: Mapping[str, bytes] = field(default_factory=dict)


def tell_inner(report: ValidationReport) -> Inner:
    """The report on the document inside, in findings."""
    findings = (*_own(report), *_of_the_document(report))
    held = {Conclusion.TOTAL_PASSED, Conclusion.NO_SIGNATURE, Conclusion.UNSUPPORTED_FORMAT}
    two_ways = any(finding.code == "TWO-FORMATS" for finding in report.findings)
    unread = report.conclusion is Conclusion.UNREADABLE and not two_ways
    return Inner(findings, report.pages, report.conclusion not in held and not unread, report.evidence)


def not_looked_at(kind: DocumentFormat) -> Inner:
    """It lies deeper than is looked."""
    parameters = (("kind", kind.value), ("reasons", "nested too deep"))
    return Inner((Finding("INNER-DOCUMENT-NOT-CHECKED", Severity.WARNING, parameters),), for_officer=True)


def document_inside(data: bytes) -> bytes:
    """What a signature file shows: its content, out of however many files around it; the data where it is none.

    Raises:
        CmsUnreadableError: and ValueError, where a file around it cannot be read.
    """
    for _ in range(MAX_DEPTH + 1):
        if sniff(data).format is not DocumentFormat.CMS:
            return data
        inside = read_cms(decoded(data)).encapsulated
        if inside is None:
            return data
        data = inside
    return data


def _own(report: ValidationReport) -> tuple[Finding, ...]:
    """One finding with the conclusion on the signatures inside; none for content that has and can have none."""
    signers = (("signers", _signers(report)),)
    reasons = (("reasons", _reasons(report)),)
    match report.conclusion:
        case Conclusion.NO_SIGNATURE:
            return ()
        case Conclusion.TOTAL_PASSED:
            return (Finding("INNER-DOCUMENT-PASSED", Severity.INFO, signers),)
        case Conclusion.TOTAL_FAILED:
            changed = any(v.facts.changes_after is ChangesAfter.SUSPICIOUS for v in report.verdicts)
            code = "INNER-DOCUMENT-CHANGED" if changed else "INNER-DOCUMENT-FAILED"
            return (Finding(code, Severity.ERROR, (*signers, *reasons)),)
        case Conclusion.INDETERMINATE:
            return (Finding("INNER-DOCUMENT-INDETERMINATE", Severity.WARNING, (*signers, *reasons)),)
        case Conclusion.UNREADABLE | Conclusion.UNSUPPORTED_FORMAT:
            if report.format not in _OWN_SIGNATURES and not _is_archive(report):
                return ()
            kind = (("kind", report.format.value), *reasons)
            return (Finding("INNER-DOCUMENT-NOT-CHECKED", Severity.WARNING, kind),)


def _is_archive(report: ValidationReport) -> bool:
    around = {"ASIC-NOT-SUPPORTED", "ARCHIVE-NOT-SUPPORTED", "SMIME-NOT-SUPPORTED"}
    return bool(around & {finding.code for finding in report.findings})


def _of_the_document(report: ValidationReport) -> tuple[Finding, ...]:
    """What is to be known of the content whoever signed it: scripts, hidden parts, an inner document of its own."""
    if report.conclusion in (Conclusion.UNREADABLE, Conclusion.UNSUPPORTED_FORMAT):
        return tuple(finding for finding in report.findings if finding.code == "TWO-FORMATS")
    return tuple(finding for finding in report.findings if finding.severity is not Severity.INFO)


def _signers(report: ValidationReport) -> str:
    signed = [v.facts.signer for v in report.verdicts if v.facts.kind is SignatureKind.SIGNATURE]
    names = dict.fromkeys(signer.name if signer is not None else "?" for signer in signed)
    return ", ".join(list(names)[:_MAX_NAMED]) or "—"


def _reasons(report: ValidationReport) -> str:
    weak = [verdict for verdict in report.verdicts if verdict.indication is not Indication.TOTAL_PASSED]
    findings = [finding for verdict in weak for finding in verdict.findings] + list(report.findings)
    codes = dict.fromkeys(finding.code for finding in findings if finding.severity is not Severity.INFO)
    return ", ".join(list(codes)[:_MAX_NAMED]) or "—"
