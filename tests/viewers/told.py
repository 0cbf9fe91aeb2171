"""What the verifier told green, and what of it can be drawn: revisions with something behind them."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.guard import UnreadableError
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.report import ChangesAfter, Coverage, DocumentFormat, Indication, Integrity, SignatureFacts
from verifier.report import ValidationReport as Report

GREEN = frozenset({ChangesAfter.NONE, ChangesAfter.EXTENSION, ChangesAfter.PERMITTED})
WHOLE = frozenset({Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION})
MAX_SIGNATURES = 100


@dataclass(frozen=True)
class Told:
    """A file of which the report says that what was signed still stands; ``ends`` are the signed revisions' ends."""

    name: str
    data: bytes
    password: str | None
    ends: tuple[int, ...]


def is_green(facts: SignatureFacts) -> bool:
    """Whether the report says of this signature that nothing it does not allow was changed after it."""
    unchanged = facts.integrity is Integrity.INTACT and facts.changes_after in GREEN
    return unchanged and facts.coverage in WHOLE and not facts.changes_for_officer


def told_green(name: str, data: bytes, password: str | None, report: Report) -> Told | None:
    """The revisions of a PDF that were told green though bytes follow them; None where there are none."""
    if report.format is not DocumentFormat.PDF or not any(
        is_green(verdict.facts) or verdict.indication is Indication.TOTAL_PASSED for verdict in report.verdicts
    ):
        return None
    try:
        listed = list_signatures(open_pdf(data, password), MAX_SIGNATURES).signatures
    except UnreadableError:
        return None
    pairs = zip(listed, report.verdicts, strict=True)
    ends = {
        one.revision_end
        for one, verdict in pairs
        if (is_green(verdict.facts) or verdict.indication is Indication.TOTAL_PASSED)
        and 0 < one.revision_end < len(data)
        and data[one.revision_end :].strip()
    }
    return Told(name, data, password, tuple(sorted(ends))) if ends else None
