"""Reports put together by hand, through the one decider: what a pure rule is tested with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from api.actions.verify_document import StoredVerification
from verifier.conclude import conclude_document, conclude_signature
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    DocumentFormat,
    Finding,
    Integrity,
    PathOutcome,
    Revocation,
    SignatureFacts,
    SignatureKind,
    SignatureLevel,
    Signer,
    ValidationReport,
)

AT = datetime(2026, 11, 20, 1, 14, tzinfo=UTC)

APPLICANT_CCCD = "012345678901"

CITIZEN = Signer(
    name="Nguyễn Thị Hoà",
    organization=None,
    cccd=APPLICANT_CCCD,
    mst=None,
    email=None,
    issuer="Demo CA",
    certificate_sha256="aa" * 32,
    serial_number="01",
    valid_from=datetime(2025, 1, 1, tzinfo=UTC),
    valid_until=datetime(2028, 1, 1, tzinfo=UTC),
)
STRANGER = replace(CITIZEN, name="Trần Văn Khác", cccd="098765432109")
OFFICIAL = replace(CITIZEN, name="Sở Tài nguyên", cccd=None)

PASSED = SignatureFacts(
    kind=SignatureKind.SIGNATURE,
    field="Signature1",
    validation_time=AT,
    integrity=Integrity.INTACT,
    coverage=Coverage.WHOLE_FILE,
    changes_after=ChangesAfter.NONE,
    level=SignatureLevel.PADES_LT,
    signer=CITIZEN,
    regime="public",
    path=PathOutcome.TRUSTED,
    revocation=Revocation.GOOD,
    claimed_signing_time=AT,
    best_signature_time=AT,
)
BROKEN = replace(PASSED, integrity=Integrity.BROKEN)
STATUS_UNKNOWN = replace(PASSED, revocation=Revocation.UNKNOWN)


def report(
    *facts: SignatureFacts, conclusion: Conclusion | None = None, findings: tuple[Finding, ...] = ()
) -> ValidationReport:
    """A report on these signatures; the conclusion follows from them unless given."""
    verdicts = tuple(conclude_signature(one) for one in facts)
    return ValidationReport(
        sha256="5f" * 32,
        size_bytes=1000,
        format=DocumentFormat.PDF,
        conclusion=conclusion or conclude_document(verdicts),
        validation_time=AT,
        policy_id="vn-2025.1",
        policy_sha256="00" * 32,
        trust_store_sha256="11" * 32,
        findings=findings,
        verdicts=verdicts,
        pages=1,
    )


def stored(judged: ValidationReport) -> StoredVerification:
    """The same as it is kept, checked at ``AT``."""
    return StoredVerification(
        id="1",
        caller="officer:1",
        created_at=AT,
        document_sha256=judged.sha256,
        filename="to-khai.pdf",
        dossier=None,
        report=judged,
    )
