"""Every honest letter of this practice passes, every forged one does not; counts are printed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pytest

from demo.pki import DemoPki, make_pki
from tests.letters.cases import ALL, Letter, forged, honest
from tests.letters.making import OFFICE, letter, report_on, signed, stamp, with_signers
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


def _some(cases: Iterable[Letter]) -> list[Letter]:
    """Every seventh of them; all with ``ANTIN_LETTERS=all`` (some minutes)."""
    return list(cases)[:: 1 if os.environ.get("ANTIN_LETTERS") == "all" else 7]


def test_every_honest_letter_passes(state: DemoPki) -> None:
    assert _wrong(state, _some(honest()), lambda _, report: report.conclusion is Conclusion.TOTAL_PASSED) == []


def test_no_forged_letter_passes(state: DemoPki) -> None:
    assert _wrong(state, _some(forged()), _is_caught) == []


def _is_caught(case: Letter, report: ValidationReport) -> bool:
    told = bool(case.warned) and case.warned in _codes(report)
    return told or report.conclusion is not Conclusion.TOTAL_PASSED


def test_a_day_that_is_written_is_written_by_one_signature_alone(state: DemoPki) -> None:
    case = next(one for one in forged() if one.name == "day changed after issue, P=2")
    assert _judged(state, case).conclusion is Conclusion.INDETERMINATE


@pytest.mark.parametrize("name", ["leader's picture by colleague, P=2", "a clause by agency, P=2"])
def test_on_a_certified_letter_it_is_for_an_officer(state: DemoPki, name: str) -> None:
    report = _judged(state, next(one for one in forged() if one.name == name))
    assert report.conclusion is Conclusion.INDETERMINATE
    assert {"INK-IN-ANOTHERS-BLOCK", "WORDS-ADDED-BY-SIGNATURE"} & set(_codes(report))


def test_the_clerks_act_is_told_once_and_the_initials_as_such(state: DemoPki) -> None:
    report = _judged(state, Letter("the usual six", ALL, 2))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    found = {finding.code: dict(finding.parameters) for finding in report.findings}
    assert found["CLERK-WROTE-NUMBER-DAY-MONTH"] == {"number": "2118", "day": "24", "month": "06"}
    assert (found["CLERK-ACT"]["count"], found["CLERK-ACT"]["signer"]) == ("4", OFFICE)
    codes = [[finding.code for finding in verdict.findings] for verdict in report.verdicts]
    assert [("DRAFTERS-INITIALS" in one) for one in codes] == [True, *[False] * 5]
    assert not any(code.startswith("CLERK-") for one in codes for code in one)
    assert sum(one.count("SIGNED-ON-CERTIFIED") for one in codes) == 1


def test_no_picture_of_a_seal_is_said_and_no_fault(state: DemoPki) -> None:
    report = _judged(state, Letter("no seal", (*ALL[:5], stamp(picture=False)), 2))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert "CLERK-NO-SEAL-PICTURE" in _codes(report)
