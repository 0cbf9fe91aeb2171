"""A report's way out of the worker process: large evidence that this side has already does not come over again.

A CRL of 500,000 entries is 17 MB and stands in the evidence of every document that it was asked about.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from certs.memo import BoundedMemo
from verifier.inputs import Environment, VerificationInput
from verifier.report import ValidationReport
from verifier.verify import verify_document

LARGE_BYTES = 1 << 18
"""From this size on a piece of evidence is kept; smaller ones cross faster than they are looked up."""

KEPT_BYTES = 96 << 20


@dataclass(frozen=True)
class HandedBack:
    """A report, and the digests of the evidence that was left out of it."""

    report: ValidationReport
    left_out: frozenset[str]


def verify_leaving_out(
    document: VerificationInput, environment: Environment, at: datetime, held: Set[str]
) -> HandedBack:
    """``verify_document`` in the worker, its report without the evidence of these digests (hex SHA-256)."""
    report = verify_document(document, environment, at)
    left_out = frozenset(report.evidence.keys() & held)
    if not left_out:
        return HandedBack(report, left_out)
    sent = {digest: der for digest, der in report.evidence.items() if digest not in left_out}
    return HandedBack(dataclasses.replace(report, evidence=sent), left_out)


class LargeEvidence:
    """Evidence of reports that came over before, by digest. Thread-safe."""

    def __init__(self, max_bytes: int = KEPT_BYTES) -> None:
        self._kept: BoundedMemo[str, bytes] = BoundedMemo(max_bytes)

    def held(self) -> Mapping[str, bytes]:
        """What is here now: its digests go to the worker, it itself completes that worker's report."""
        return self._kept.snapshot()

    def completed(self, handed: HandedBack, held: Mapping[str, bytes]) -> ValidationReport:
        """The whole report; its large evidence is kept for the next ones.

        Raises:
            KeyError: the worker left out what it was not told of.
        """
        report = handed.report
        if handed.left_out:
            known = {digest: held[digest] for digest in handed.left_out}
            report = dataclasses.replace(report, evidence={**report.evidence, **known})
        for digest, der in report.evidence.items():
            if len(der) >= LARGE_BYTES:
                self._kept.keep(digest, der, len(der))
        return report
