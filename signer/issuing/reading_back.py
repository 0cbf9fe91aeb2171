"""What the verifier reads of number and date on the finished letter, against what was to be written."""

from __future__ import annotations

from signer.issuing.entry import HeadEntry
from signer.refusal import RefusalCode, SealRefused
from verifier.drawing.placed.clerk import WRITTEN
from verifier.report import ValidationReport


def check_written(report: ValidationReport, entry: HeadEntry) -> None:
    """The report names a clerk's work, and every part that it names is the entry's.

    Raises:
        SealRefused: SELF-CHECK-FAILED.
    """
    wanted = {kind.value: text for kind, text in entry.texts.items()}
    told = [dict(finding.parameters) for finding in report.findings if finding.code.startswith(WRITTEN)]
    read = {part: text for one in told for part, text in one.items() if part in wanted}
    if not read or any(wanted.get(part) != text for part, text in read.items()):
        raise SealRefused(RefusalCode.SELF_CHECK_FAILED, (("detail", f"number and date read {read or 'nothing'}"),))
