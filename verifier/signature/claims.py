"""The time that a signer claims, against what is proven: it proves nothing, but it can contradict (RFC 5652 §11.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from verifier.guard import attempt
from verifier.policy import ValidationPolicy
from verifier.report import Finding, Severity, Signer, SubIndication

VIETNAM_OFFSET = timedelta(hours=7)
"""Some tools write Vietnam local time and mark it as UTC."""

_VIETNAM = timezone(VIETNAM_OFFSET)


def printed(time: datetime) -> str:
    """A time as people here read it, in Vietnam's zone (the form that seals print)."""
    return time.astimezone(_VIETNAM).strftime("%d.%m.%Y %H:%M:%S +07:00")


_PDF_DATE = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?"
    r"(?:[Zz](?:0{2}'?(?:0{2}'?)?|')?|([+-])(\d\d)'?(?:(\d\d)'?)?)?\s*"
)
"""ISO 32000-2 §7.9.4, and what programs write: ``Z'`` (LibreOffice), ``Z00'00'`` (macOS), ``+0700`` without marks."""


def pdf_date(text: str | None) -> datetime | None:
    """``/M`` of a signature dictionary as aware UTC; None where it is absent or no date.

    Without a zone the relation to UTC is unknown (ISO 32000-2 §7.9.4); it is read as UTC, as readers do.
    """
    match = _PDF_DATE.fullmatch(text.strip()) if text else None
    if match is None:
        return None
    year, *parts = match.groups()[:6]
    month, day, hour, minute, second = (None if part is None else int(part) for part in parts)
    sign, hours, minutes = match.groups()[6:]
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))

    def read() -> datetime:
        local = datetime(int(year), month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=UTC)
        return local + offset if sign == "-" else local - offset

    read_as = attempt("date", read)
    return read_as if isinstance(read_as, datetime) else None


@dataclass(frozen=True)
class Claim:
    """A claimed time and what it can be held against; all aware UTC.

    ``claimed``: of the signed attribute, else of the dictionary. ``zoned``: ``/M``, which carries its own zone.
    ``proven``: best signature time. ``stamped``: of the signature's own time stamp, where one is trusted.
    """

    claimed: datetime | None
    zoned: datetime | None = None
    proven: datetime | None = None
    stamped: datetime | None = None


def weigh_claim(
    claim: Claim, validation_time: datetime, policy: ValidationPolicy
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """The claimed time as it most likely is, and what is odd about it.

    1 seven hours ahead of what tells better: Vietnam's time marked as UTC · 2 later than the proof, or far from its
    time stamp · 3 in the future.
    """
    claimed, proven = claim.claimed, claim.proven
    if claimed is None:
        return None, ()
    if _is_seven_hours_ahead(claim, validation_time, policy):  # 1
        likely = claimed - VIETNAM_OFFSET
        parameters = (("claimed", printed(claimed)), ("likely", printed(likely)))
        severity = Severity.INFO if proven is not None else Severity.WARNING
        shifted = Finding("CLAIMED-TIME-VIETNAM-AS-UTC", severity, parameters)
        return likely, (shifted, *_against_proof(likely, claim, policy))
    if proven is not None:
        return claimed, _against_proof(claimed, claim, policy)  # 2
    if claimed > validation_time + policy.future_claim_tolerance:  # 3
        parameters = (("claimed", printed(claimed)), ("proven", printed(validation_time)))
        return claimed, (Finding("CLAIMED-TIME-IN-FUTURE", Severity.WARNING, parameters),)
    return claimed, ()


def _is_seven_hours_ahead(claim: Claim, validation_time: datetime, policy: ValidationPolicy) -> bool:
    claimed = claim.claimed
    if claimed is None:
        return False
    references = [time for time in (claim.zoned, claim.stamped, claim.proven) if time is not None and time != claimed]
    if any(abs(claimed - time - VIETNAM_OFFSET) <= policy.vietnam_offset_tolerance for time in references):
        return True
    ahead = claimed - validation_time
    return claim.proven is None and policy.future_claim_tolerance < ahead <= (
        VIETNAM_OFFSET + policy.future_claim_tolerance
    )


def _against_proof(claimed: datetime, claim: Claim, policy: ValidationPolicy) -> tuple[Finding, ...]:
    """Up to an hour from the time stamp is what clocks do, more is a warning; other proofs come later anyway."""
    proven, stamped = claim.proven, claim.stamped
    said, warned = policy.clock_difference_said, policy.clock_difference_warned
    if stamped is not None and said is not None and warned is not None:
        apart = abs(claimed - stamped)
        parameters = (("claimed", printed(claimed)), ("proven", printed(stamped)), ("apart", spoken(apart)))
        if apart <= said:
            return ()
        if apart <= warned:
            return (Finding("CLOCKS-DIFFER", Severity.INFO, parameters),)
        code = "CLAIMED-TIME-AFTER-PROOF" if claimed > stamped else "CLAIMED-TIME-BEFORE-STAMP"
        return (Finding(code, Severity.WARNING, parameters),)
    if proven is None or claimed <= proven + policy.claimed_after_proof_tolerance:
        return ()
    times = (("claimed", printed(claimed)), ("proven", printed(proven)))
    return (Finding("CLAIMED-TIME-AFTER-PROOF", Severity.WARNING, times),)


def spoken(duration: timedelta) -> str:
    """Days, hours and minutes as ``2 d 3 h 05 min``, read alike in both languages."""
    minutes = round(duration.total_seconds() / 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours or days else "", f"{minutes % 60:02} min"]
    return " ".join(part for part in parts if part)


def claim_violations(
    claimed: datetime | None, proven: datetime | None, signer: Signer, policy: ValidationPolicy
) -> tuple[tuple[SubIndication, str], ...]:
    """A claim from before the certificate existed, and nothing that proves otherwise (TT 15/2025 Đ.6): undecided."""
    if claimed is None or proven is not None:
        return ()
    if claimed < signer.valid_from - policy.claimed_before_certificate_tolerance:
        return ((SubIndication.SIG_CONSTRAINTS_FAILURE, "CLAIMED-TIME-BEFORE-CERTIFICATE"),)
    return ()
