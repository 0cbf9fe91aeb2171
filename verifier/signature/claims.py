"""The time that a signer claims, against what is proven: it proves nothing, but it can contradict (RFC 5652 §11.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from pyhanko.pdf_utils.generic import parse_pdf_date

from verifier.guard import attempt
from verifier.policy import ValidationPolicy
from verifier.report import Finding, Severity, Signer, SubIndication

VIETNAM_OFFSET = timedelta(hours=7)
"""Some tools write Vietnam local time and mark it as UTC."""

_VIETNAM = timezone(VIETNAM_OFFSET)


def printed(time: datetime) -> str:
    """A time as people here read it, in Vietnam's zone (the form that seals print)."""
    return time.astimezone(_VIETNAM).strftime("%d.%m.%Y %H:%M:%S +07:00")


def pdf_date(text: str | None) -> datetime | None:
    """``/M`` of a signature dictionary as aware UTC; None where it is absent or no date with a zone."""
    if not text:
        return None
    parsed = attempt("date", lambda: parse_pdf_date(text, strict=False))
    return parsed.astimezone(UTC) if isinstance(parsed, datetime) and parsed.tzinfo is not None else None


def claim_findings(
    claimed: datetime | None,
    dictionary_time: datetime | None,
    proven: datetime | None,
    validation_time: datetime,
    policy: ValidationPolicy,
) -> tuple[Finding, ...]:
    """What is odd about the claimed time: 7 hours ahead, later than the proof, or in the future.

    Args:
        claimed: of the signed attribute, else of the dictionary.
        dictionary_time: ``/M``, which carries its own zone.
        proven: best signature time, None where nothing is proven.
        validation_time: the time the question is asked for.
        policy: the tolerances.
    """
    if claimed is None:
        return ()
    parameters = (("claimed", printed(claimed)), ("proven", printed(proven or validation_time)))
    references = [time for time in (dictionary_time, proven) if time is not None and time != claimed]
    ahead = [claimed - time - VIETNAM_OFFSET for time in references]
    if any(abs(difference) <= policy.vietnam_offset_tolerance for difference in ahead):
        return (Finding("CLAIMED-TIME-VIETNAM-AS-UTC", Severity.WARNING, parameters),)
    if proven is not None and claimed > proven + policy.claimed_after_proof_tolerance:
        return (Finding("CLAIMED-TIME-AFTER-PROOF", Severity.WARNING, parameters),)
    if proven is None and claimed > validation_time + policy.future_claim_tolerance:
        shifted = claimed <= validation_time + VIETNAM_OFFSET + policy.future_claim_tolerance
        code = "CLAIMED-TIME-VIETNAM-AS-UTC" if shifted else "CLAIMED-TIME-IN-FUTURE"
        return (Finding(code, Severity.WARNING, parameters),)
    return ()


def claim_violations(
    claimed: datetime | None, proven: datetime | None, signer: Signer, policy: ValidationPolicy
) -> tuple[tuple[SubIndication, str], ...]:
    """A claim from before the certificate existed, and nothing that proves otherwise (TT 15/2025 Đ.6): undecided."""
    if claimed is None or proven is not None:
        return ()
    if claimed < signer.valid_from - policy.claimed_before_certificate_tolerance:
        return ((SubIndication.SIG_CONSTRAINTS_FAILURE, "CLAIMED-TIME-BEFORE-CERTIFICATE"),)
    return ()
