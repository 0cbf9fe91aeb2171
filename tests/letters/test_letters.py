"""Every honest letter of this practice passes, every forged one does not; counts are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache

import pytest

from demo.pki import DemoPki, make_pki
from tests.letters.cases import ALL, Letter, forged, honest
from tests.letters.making import letter, report_on, signed, with_signers
from verifier.report import Conclusion, ValidationReport


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> DemoPki:
    """The demo PKI with the signers of letters; it answers nothing."""
    return with_signers(make_pki(tmp_path_factory.mktemp("state"), "http://127.0.0.1:9", datetime.now(UTC)))


def _codes(report: ValidationReport) -> list[str]:
    told = [*report.findings, *(finding for verdict in report.verdicts for finding in verdict.findings)]
    return sorted({finding.code for finding in told} - {"REVOCATION-NOT-CHECKED"})


def _judged(pki: DemoPki, case: Letter) -> ValidationReport:
    return report_on(pki, signed(pki, letter(case.head, case.scan), case.acts, case.level))


def _wrong(pki: DemoPki, cases: Iterable[Letter], right: Callable[[Letter, ValidationReport], bool]) -> list[str]:
    wrong, seen = [], Counter[str]()
    for case in cases:
        report = _judged(pki, case)
        seen[report.conclusion] += 1
        if not right(case, report):
            wrong.append(f"{case.name}: {report.conclusion} {_codes(report)}")
    print(f"{sum(seen.values()) - len(wrong)} of {sum(seen.values())} answered right: {dict(seen)}")
    return wrong


def test_every_honest_letter_passes(state: DemoPki) -> None:
    assert _wrong(state, honest(), lambda _, report: report.conclusion is Conclusion.TOTAL_PASSED) == []


def _is_caught(case: Letter, report: ValidationReport) -> bool:
    if case.warned:
        return report.conclusion is not Conclusion.TOTAL_PASSED or case.warned in _codes(report)
    return report.conclusion is not Conclusion.TOTAL_PASSED


def test_no_forged_letter_passes(state: DemoPki) -> None:
    assert _wrong(state, forged(), _is_caught) == []


@cache
def _usual(pki: DemoPki) -> ValidationReport:
    return _judged(pki, Letter("the usual six", ALL, 2))
