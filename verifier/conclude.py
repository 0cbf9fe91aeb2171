"""Facts to verdict: the only place that decides. Pure; the rules stand in the order in which they are applied.

EN 319 102-1 §5.6.3 with the divergences of ``docs/divergences.md``: changes after signing are judged here,
and a claimed time that convicts itself needs no proof.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from verifier.report import (
    ON_HOLD,
    About,
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Indication,
    Integrity,
    PathOutcome,
    Revocation,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureVerdict,
    SubIndication,
)

Reason = tuple[SubIndication, str]
"""A sub-indication and the finding code that explains it."""


def conclude_signature(facts: SignatureFacts) -> SignatureVerdict:
    """Decide one signature: every failed rule gives a finding; the first failed rule gives the sub-indication.

    1 integrity · 2 coverage and later changes · 3 signing certificate and path · 4 revoked · 5 validity period ·
    6 algorithms, purpose, rules of the format · 7 status known. A TOTAL-FAILED reason outranks an INDETERMINATE one.
    """
    reasons = [
        *_integrity(facts),
        *_document(facts),
        *_path(facts),
        *_revoked(facts),
        *_validity(facts),
        *_constraints(facts),
        *_status(facts),
    ]
    reasons.sort(key=lambda reason: -reason[0].indication.weight)
    findings = _merge(facts, reasons)
    if not reasons:
        if facts.revocation is Revocation.NOT_CHECKED:
            findings = (*findings, Finding("REVOCATION-NOT-CHECKED", Severity.WARNING))
        return SignatureVerdict(facts, Indication.TOTAL_PASSED, None, findings)
    sub_indication = reasons[0][0]
    return SignatureVerdict(facts, sub_indication.indication, sub_indication, findings)


def conclude_document(verdicts: Iterable[SignatureVerdict]) -> Conclusion:
    """The weakest verdict, or NO-SIGNATURE where nobody signed.

    A document time stamp proves time, not authorship: one that is broken or untrusted proves nothing and lowers no
    signature (contract; EN 319 102-1 §5.4), its own verdict says what is wrong. Broken and alone it is a failure, for
    a paper that was touched must not pass for one that nobody signed.
    """
    judged = list(verdicts)
    signatures = [v for v in judged if v.facts.kind is SignatureKind.SIGNATURE]
    stamps = [v for v in judged if v.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP]
    if not signatures:
        return Conclusion.TOTAL_FAILED if any(_is_content_failure(v) for v in stamps) else Conclusion.NO_SIGNATURE
    return Conclusion(max((v.indication for v in signatures), key=lambda i: i.weight).value)


def _is_content_failure(verdict: SignatureVerdict) -> bool:
    return verdict.sub_indication in (
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.FORMAT_FAILURE,
    )


def _integrity(facts: SignatureFacts) -> list[Reason]:
    match facts.integrity:
        case Integrity.INTACT:
            return []
        case Integrity.BROKEN if facts.resaved:
            return [(SubIndication.HASH_FAILURE, "RESAVED-AFTER-SIGNING")]
        case Integrity.BROKEN:
            failure = facts.integrity_failure or SubIndication.HASH_FAILURE
            if any(broken is failure for broken, _ in facts.violations):
                return []  # the format's own rule says why, among the constraints
            return [(failure, "INTEGRITY-BROKEN" if failure is SubIndication.HASH_FAILURE else "SIGNATURE-VALUE-WRONG")]
        case Integrity.UNKNOWN:
            return [(facts.integrity_failure or SubIndication.SIGNED_DATA_NOT_FOUND, "INTEGRITY-UNKNOWN")]


def _document(facts: SignatureFacts) -> list[Reason]:
    if facts.resaved and facts.integrity is not Integrity.INTACT:
        return [(SubIndication.FORMAT_FAILURE, "RESAVED-AFTER-SIGNING")]
    reasons: list[Reason] = []
    if facts.coverage in (Coverage.PARTIAL, Coverage.NONE):
        reasons.append((SubIndication.FORMAT_FAILURE, "COVERAGE-PARTIAL"))
    match facts.changes_after:
        case ChangesAfter.NONE | ChangesAfter.EXTENSION | ChangesAfter.PERMITTED:
            pass
        case ChangesAfter.SUSPICIOUS if facts.changes_for_officer:
            reasons.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "CHANGED-AFTER-SIGNING-FOR-OFFICER"))
        case ChangesAfter.SUSPICIOUS if facts.changes_visible is False:
            reasons.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "CHANGED-AFTER-SIGNING-INVISIBLE"))
        case ChangesAfter.SUSPICIOUS if facts.changes_visible is None:
            reasons.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "CHANGED-AFTER-SIGNING-NOT-COMPARED"))
        case ChangesAfter.SUSPICIOUS:
            reasons.append((SubIndication.FORMAT_FAILURE, "CHANGED-AFTER-SIGNING"))
        case ChangesAfter.UNKNOWN:
            reasons.append((SubIndication.SIG_CONSTRAINTS_FAILURE, "CHANGES-UNKNOWN"))
    return reasons


def _path(facts: SignatureFacts) -> list[Reason]:
    match facts.path:
        case PathOutcome.TRUSTED:
            return []
        case PathOutcome.NO_SIGNING_CERTIFICATE:
            return [(SubIndication.NO_SIGNING_CERTIFICATE_FOUND, "NO-SIGNING-CERTIFICATE")]
        case PathOutcome.NO_CHAIN:
            return [(SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "NOT-TRUSTED")]
        case PathOutcome.NOT_EVALUATED:
            return [(SubIndication.NO_CERTIFICATE_CHAIN_FOUND, "PATH-NOT-EVALUATED")]
        case PathOutcome.CHAIN_INVALID:
            return [(SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "CHAIN-INVALID")]
        case PathOutcome.CHAIN_CONSTRAINTS:
            return [(SubIndication.CHAIN_CONSTRAINTS_FAILURE, "CHAIN-CONSTRAINTS")]
        case PathOutcome.CHAIN_WEAK:
            return [(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "CA-ALGORITHM-WEAK")]


def _revoked(facts: SignatureFacts) -> list[Reason]:
    """Revoked before the proven or the claimed time: failed. Revoked and nothing proves the signature older: no POE.

    A certificate on hold is judged alike and told in words of its own (TT 15/2025 Đ.6: not suspended, not revoked).
    """
    if facts.revocation is not Revocation.REVOKED:
        return []
    if facts.ca_revoked:
        return [(SubIndication.REVOKED_CA_NO_POE, "CA-REVOKED")]
    revoked_at, on_hold = facts.revoked_at, facts.revocation_reason == ON_HOLD
    failed = (SubIndication.REVOKED, "SUSPENDED") if on_hold else (SubIndication.REVOKED, "REVOKED")
    if revoked_at is None or _at_or_after(facts.best_signature_time, revoked_at):
        return [failed]
    if facts.best_signature_time is not None:
        return []
    if _at_or_after(facts.claimed_signing_time, revoked_at):
        return [failed]
    if on_hold:
        return [(SubIndication.REVOKED_NO_POE, "SUSPENDED-NO-PROOF-OF-TIME")]
    return [(SubIndication.REVOKED_NO_POE, "REVOKED-NO-PROOF-OF-TIME")]


def _validity(facts: SignatureFacts) -> list[Reason]:
    """Was the certificate within its validity period at the time that is proven, else at the time of validation."""
    if facts.signer is None:  # trusted, and yet nobody could read who it is and until when
        unread = (SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE, "CHAIN-INVALID")
        return [unread] if facts.path is PathOutcome.TRUSTED else []
    proven = facts.best_signature_time
    at = proven or facts.validation_time
    reasons: list[Reason] = []
    if at < facts.signer.valid_from:
        reasons.append((SubIndication.NOT_YET_VALID, "NOT-YET-VALID"))
    elif at > facts.signer.valid_until:
        claimed = facts.claimed_signing_time
        if proven is not None or (claimed is not None and claimed > facts.signer.valid_until):
            reasons.append((SubIndication.EXPIRED, "EXPIRED-WHEN-SIGNED"))
        else:
            reasons.append((SubIndication.OUT_OF_BOUNDS_NO_POE, "EXPIRED-NO-PROOF-OF-TIME"))
    elif facts.ca_valid_at_time is False:
        reasons.append((SubIndication.OUT_OF_BOUNDS_NO_POE, "CA-OUT-OF-BOUNDS"))
    return reasons


def _constraints(facts: SignatureFacts) -> list[Reason]:
    reasons: list[Reason] = []
    if not facts.algorithms_acceptable:
        reasons.append((SubIndication.CRYPTO_CONSTRAINTS_FAILURE, "ALGORITHM-NOT-ACCEPTABLE"))
    if not facts.purpose_allows:
        reasons.append((SubIndication.CHAIN_CONSTRAINTS_FAILURE, "PURPOSE-NOT-ALLOWED"))
    reasons.extend(facts.violations)
    return reasons


def _status(facts: SignatureFacts) -> list[Reason]:
    """A status that could not be had is a warning in law (TT 15/2025 Đ.6) and never valid."""
    if facts.path is not PathOutcome.TRUSTED or not facts.revocation_required:
        return []
    if facts.revocation in (Revocation.UNKNOWN, Revocation.NOT_CHECKED):
        return [(SubIndication.TRY_LATER, "REVOCATION-UNKNOWN")]
    return []


def _at_or_after(time: datetime | None, other: datetime) -> bool:
    return time is not None and time >= other


def _merge(facts: SignatureFacts, reasons: list[Reason]) -> tuple[Finding, ...]:
    """Findings with the worst first; a code is said once, of the signature and of its time stamp apart."""
    known = facts.findings
    whose = About.DOCUMENT_TIMESTAMP if facts.kind is SignatureKind.DOCUMENT_TIMESTAMP else None
    codes = {finding.code for finding in known if finding.about is not About.SIGNATURE_TIMESTAMP}
    added = []
    for sub_indication, code in reasons:
        if code not in codes:
            codes.add(code)
            failed = sub_indication.indication is Indication.TOTAL_FAILED
            added.append(Finding(code, Severity.ERROR if failed else Severity.WARNING, about=whose))
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    return tuple(sorted([*added, *known], key=lambda finding: order[finding.severity]))
