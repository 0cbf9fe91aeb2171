"""Letters made, checked and counted: every honest one passes, every forged one does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from demo.pki import DemoPki
from tests.letters.cases import Letter
from tests.letters.making import report_on, signed
from tests.letters.papers import made
from tests.letters.signers import LEADER
from verifier.report import Conclusion, ValidationReport


@dataclass
class Count:
    """How many were answered as they should be, by conclusion, and the others with what was found."""

    right: int = 0
    seen: Counter[Conclusion] = field(default_factory=Counter)
    warned: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = ", ".join(f"{conclusion.value} {number}" for conclusion, number in sorted(self.seen.items()))
        return f"{self.right} of {self.right + len(self.wrong)} answered right ({parts}; warned only {self.warned})"


def codes(report: ValidationReport) -> list[str]:
    """What is told of a document and its signatures."""
    told = [*report.findings, *(finding for verdict in report.verdicts for finding in verdict.findings)]
    return sorted({finding.code for finding in told} - {"REVOCATION-NOT-CHECKED"})


def judged(homes: Mapping[str, DemoPki], case: Letter) -> ValidationReport:
    """The letter made, signed and checked."""
    return report_on(homes[LEADER], signed(homes, made(case.paper), case.acts, case.level))


def counted(homes: Mapping[str, DemoPki], cases: Iterable[Letter], *, honest: bool) -> Count:
    """All of them."""
    count = Count()
    for case in cases:
        report = judged(homes, case)
        count.seen[report.conclusion] += 1
        passed = report.conclusion is Conclusion.TOTAL_PASSED
        told = bool(case.warned) and case.warned in codes(report)
        count.warned += passed and told and not honest
        if passed is honest or told:
            count.right += 1
        else:
            count.wrong.append(f"{case.name}: {report.conclusion.value} {codes(report)}")
    return count
