"""One verification, from bytes to a report. START HERE.

Runs inside a limited worker process (``opening.LimitedWorkers``); everything outside this package calls it there.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from datetime import datetime

from verifier.changes.clerk_act import tell_clerk
from verifier.changes.first_picture import first_notes
from verifier.changes.initials import initials_of
from verifier.changes.letter_head import printed_head
from verifier.changes.publication import published
from verifier.changes.revisions import ChangeFacts, DocumentHistory, analyse_changes
from verifier.cms.examine import examine_cms
from verifier.cms.inner import MAX_DEPTH, Inner, not_looked_at, tell_inner
from verifier.conclude import conclude_document, conclude_signature
from verifier.formats import Sniffed, sniff
from verifier.guard import Failure, UnreadableError, attempt, step_failed
from verifier.inputs import Environment, VerificationInput
from verifier.pdf.active_content import active_content_findings
from verifier.pdf.ades import AdesEngine, Examined
from verifier.pdf.destroyed import DESTROYED
from verifier.pdf.reading import OpenedPdf, open_pdf
from verifier.pdf.signatures import ListedSignature, Listing, list_signatures
from verifier.report import (
    ChangesAfter,
    Conclusion,
    DocumentFormat,
    Finding,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureVerdict,
    ValidationReport,
)
from verifier.xml.examine import examine_xml

__all__ = ["Environment", "VerificationInput", "verify_document"]

_FILES = {DocumentFormat.XML: examine_xml, DocumentFormat.CMS: examine_cms}


def verify_document(
    document: VerificationInput, environment: Environment, at: datetime, depth: int = 0
) -> ValidationReport:
    """Judge a document for the time ``at`` (aware UTC). Never raises for what a document contains.

    ``depth``: in how many signed files around it the document lies.

    1 open within limits · 2 list the signatures and what they cover · 3 each signature's integrity, times, path and
    status · 4 level and identity · 5 what changed after each, the newest first: a later signature with its verdict
    answers for what it added · 6 conclude · 7 report.

    Raises:
        MemoryError: the worker's limit is reached; ``LimitedWorkers`` answers for it.
    """
    sniffed = sniff(document.data)
    if sniffed.answer is not None:
        return empty_report(document.data, environment, at, sniffed, sniffed.answer, sniffed.findings)
    if sniffed.format in _FILES:
        return _verify_file(document, environment, at, sniffed, depth)
    try:  # 1
        opened = open_pdf(document.data, document.password)
    except UnreadableError as error:
        return empty_report(document.data, environment, at, sniffed, Conclusion.UNREADABLE, (error.finding,))
    listing = list_signatures(opened, environment.policy.max_signatures)  # 2
    examined = _examine(opened, listing, document, environment, at)  # 3, 4
    verdicts, clerk = _judged(document, listing, examined)  # 5, 6
    present = active_content_findings(document.data, document.password) if opened.pages else ()
    findings = (*opened.findings, *listing.findings, *present)
    return ValidationReport(  # 7
        sha256=hashlib.sha256(document.data).hexdigest(),
        size_bytes=len(document.data),
        format=sniffed.format,
        conclusion=_conclude(listing, conclude_document(verdicts)),
        validation_time=at,
        policy_id=environment.policy.id,
        policy_sha256=environment.policy.sha256,
        trust_store_sha256=environment.trust.sha256,
        findings=(*findings, *clerk, *published(verdicts), *_document_findings(listing)),
        verdicts=verdicts,
        pages=opened.pages,
        evidence={digest: der for entry in examined for digest, der in entry.evidence.items()},
        received_at=document.received_at,
    )


def _verify_file(
    document: VerificationInput, environment: Environment, at: datetime, sniffed: Sniffed, depth: int
) -> ValidationReport:
    """The same for a format without revisions: each signature stands over its content, and nothing comes after."""
    try:  # 1, 2, 4, 5
        file = attempt("file", lambda: _FILES[sniffed.format](document, environment, at))
    except UnreadableError as error:
        return empty_report(document.data, environment, at, sniffed, Conclusion.UNREADABLE, (error.finding,))
    if isinstance(file, Failure):  # what no step foresaw: never an exception, never silence
        return empty_report(document.data, environment, at, sniffed, Conclusion.UNREADABLE, (step_failed(file),))
    verdicts = tuple(conclude_signature(_told_by_whom(entry.facts, document)) for entry in file.examined)  # 6
    listing = Listing(signatures=(), findings=file.findings)
    absent = () if verdicts else _document_findings(listing)
    inner = _inner(file.content, document, environment, at, depth)
    findings = (*file.findings, *inner.findings, *absent)
    report = empty_report(document.data, environment, at, sniffed, Conclusion.NO_SIGNATURE, findings)
    conclusion = _conclude(listing, conclude_document(verdicts))
    if inner.for_officer and conclusion is Conclusion.TOTAL_PASSED:
        conclusion = Conclusion.INDETERMINATE
    own = {digest: der for entry in file.examined for digest, der in entry.evidence.items()}
    return dataclasses.replace(  # 7
        report,
        conclusion=conclusion,
        verdicts=verdicts,
        pages=inner.pages,
        evidence={**inner.evidence, **own},
        received_at=document.received_at,
        signed_content=file.signed_content,
    )


def _inner(
    content: bytes | None, document: VerificationInput, environment: Environment, at: datetime, depth: int
) -> Inner:
    """The document inside an attached signature is judged like any other: it is what is shown and kept."""
    if content is None:
        return Inner()
    if depth >= MAX_DEPTH:
        return not_looked_at(sniff(content).format)
    inside = dataclasses.replace(document, data=content, content=None)
    return tell_inner(verify_document(inside, environment, at, depth + 1))


def empty_report(
    data: bytes,
    environment: Environment,
    at: datetime,
    sniffed: Sniffed,
    conclusion: Conclusion,
    findings: tuple[Finding, ...],
) -> ValidationReport:
    """The report on a document of which no signature could be looked at."""
    return ValidationReport(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        format=sniffed.format,
        conclusion=conclusion,
        validation_time=at,
        policy_id=environment.policy.id,
        policy_sha256=environment.policy.sha256,
        trust_store_sha256=environment.trust.sha256,
        findings=findings,
    )


def _judged(
    document: VerificationInput, listing: Listing, examined: Sequence[Examined]
) -> tuple[tuple[SignatureVerdict, ...], tuple[Finding, ...]]:
    """Steps 5 and 6 for every signature, the newest first; a failure of one is an unknown of that one.

    With what is said of the letter as a whole.
    """
    verdicts: list[SignatureVerdict] = []
    later: dict[tuple[int, int], SignatureVerdict] = {}
    signers = {
        listed.object_ref: entry.facts.signer
        for listed, entry in zip(listing.signatures, examined, strict=True)
        if listed.object_ref is not None and entry.facts.signer is not None
    }
    with DocumentHistory(document.data, document.password, listing.judged, later, signers) as history:
        for listed, entry in zip(reversed(listing.signatures), reversed(examined), strict=True):
            facts = _told_by_whom(entry.facts, document)
            if len(examined) > 1:
                facts = dataclasses.replace(facts, findings=(*facts.findings, *_initials(history, listed)))
            verdict = conclude_signature(_with_changes(facts, listed, _changes_after(history, listed)))
            verdicts.append(verdict)
            if listed.object_ref is not None:
                later[listed.object_ref] = verdict
        verdicts.reverse()
        return _as_letter(history, listing, tuple(verdicts))


def _as_letter(
    history: DocumentHistory, listing: Listing, verdicts: tuple[SignatureVerdict, ...]
) -> tuple[tuple[SignatureVerdict, ...], tuple[Finding, ...]]:
    """What is only told of a letter with several signatures decides nothing: where it cannot be found out, it is not
    said."""
    if len(verdicts) < 2:
        return tell_clerk(verdicts)
    first = attempt("first", lambda: first_notes(history, listing.signatures[0], verdicts[0]))
    printed = attempt("head", lambda: printed_head(history, listing.signatures))
    return tell_clerk(
        verdicts,
        None if isinstance(first, Failure) else first,
        None if isinstance(printed, Failure) else printed,
    )


def _told_by_whom(facts: SignatureFacts, document: VerificationInput) -> SignatureFacts:
    """A best time that is our own receipt says when the file was seen, not when it was signed."""
    seen = document.received_at is not None and facts.best_signature_time == document.received_at
    return dataclasses.replace(facts, proven_by_receipt=seen)


def _initials(history: DocumentHistory, listed: ListedSignature) -> tuple[Finding, ...]:
    """What is only told decides nothing: where it cannot be found out, nothing is said."""
    found = attempt("initials", lambda: initials_of(history, listed))
    return () if isinstance(found, Failure) else found


def _changes_after(history: DocumentHistory, listed: ListedSignature) -> ChangeFacts:
    found = attempt("changes", lambda: analyse_changes(history, listed))
    if isinstance(found, Failure):
        return ChangeFacts(ChangesAfter.UNKNOWN, None, (step_failed(found),))
    return found


def _examine(
    opened: OpenedPdf, listing: Listing, document: VerificationInput, environment: Environment, at: datetime
) -> list[Examined]:
    """Steps 3 and 4; the engine guards each signature, this guards the engine."""
    examined = attempt(
        "engine",
        lambda: AdesEngine(opened, listing.signatures, environment, at, document.received_at).examine(),
    )
    if not isinstance(examined, Failure):
        return examined
    return [
        Examined(
            SignatureFacts(
                kind=listed.kind,
                field=listed.field,
                validation_time=at,
                coverage=listed.coverage,
                findings=(*listed.findings, step_failed(examined)),
            )
        )
        for listed in listing.signatures
    ]


def _with_changes(facts: SignatureFacts, listed: ListedSignature, change: ChangeFacts) -> SignatureFacts:
    return dataclasses.replace(
        facts,
        resaved=listed.resaved,
        changes_after=change.changes_after,
        changes_visible=change.visible,
        changes_for_officer=change.for_officer,
        findings=(*facts.findings, *change.findings),
    )


def _conclude(listing: Listing, conclusion: Conclusion) -> Conclusion:
    """A listing that failed, stopped at the limit or found a destroyed signature: neither unsigned nor all passed."""
    incomplete = {"LISTING-FAILED", "TOO-MANY-SIGNATURES", DESTROYED} & {finding.code for finding in listing.findings}
    if incomplete and conclusion in (Conclusion.NO_SIGNATURE, Conclusion.TOTAL_PASSED):
        return Conclusion.INDETERMINATE
    return conclusion


def _document_findings(listing: Listing) -> tuple[Finding, ...]:
    if any(listed.kind is SignatureKind.SIGNATURE for listed in listing.signatures):
        return ()
    if listing.signatures:
        return (Finding("ONLY-TIME-STAMPS", Severity.INFO),)
    gone = any(finding.code == DESTROYED for finding in listing.findings)
    return () if gone else (Finding("NO-SIGNATURE", Severity.INFO),)


def unreadable_report(
    document: VerificationInput, environment: Environment, at: datetime, code: str
) -> ValidationReport:
    """The answer for a document that was too much for a worker: made outside it, without parsing anything."""
    data = document.data
    kind = DocumentFormat.PDF if b"%PDF-" in data[:1024] else DocumentFormat.UNKNOWN
    finding = Finding(code, Severity.ERROR)
    return empty_report(data, environment, at, Sniffed(kind), Conclusion.UNREADABLE, (finding,))
