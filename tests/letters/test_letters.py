"""Every honest letter of this practice passes, every forged one does not; counts are printed.

Every eleventh of them here; all with ``ANTIN_LETTERS=all`` or ``python -m tests.letters``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pytest

from demo.pki import DemoPki, make_pki
from tests.letters.acts import Act, checker, initials, leader, number, stamp, written
from tests.letters.cases import ALL, Letter, forged, honest
from tests.letters.judged import codes, counted, judged
from tests.letters.papers import OFFICE, Paper
from tests.letters.signers import AGENCY, COLLEAGUE, LEADER, STRANGER, with_signers
from verifier.report import Conclusion, ValidationReport


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, DemoPki]:
    """Who signs, by their PKI; it answers nothing."""
    pki = make_pki(tmp_path_factory.mktemp("state"), "http://127.0.0.1:9", datetime.now(UTC))
    return with_signers(pki, tmp_path_factory.mktemp("elsewhere"))


def _some(cases: Iterable[Letter]) -> list[Letter]:
    return list(cases)[:: 1 if os.environ.get("ANTIN_LETTERS") == "all" else 11]


@pytest.mark.parametrize("is_honest", [True, False])
def test_every_letter_is_answered_as_it_should_be(is_honest: bool, homes: Mapping[str, DemoPki]) -> None:
    count = counted(homes, _some(honest() if is_honest else forged()), honest=is_honest)
    print(count)
    assert count.wrong == []


def _found(report: ValidationReport) -> dict[str, dict[str, str]]:
    return {finding.code: dict(finding.parameters) for finding in report.findings}


def _named(name: str) -> Letter:
    return next(one for one in (*honest(), *forged()) if one.name == name)


def test_a_day_that_is_written_is_written_by_one_signature_alone(homes: Mapping[str, DemoPki]) -> None:
    assert judged(homes, _named("day changed after issue, P=2")).conclusion is Conclusion.INDETERMINATE


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ((initials(), leader(COLLEAGUE)), "INK-IN-ANOTHERS-BLOCK"),
        ((initials(), leader(AGENCY)), "INK-IN-ANOTHERS-BLOCK"),
        ((initials(), leader(), stamp(LEADER)), "INK-IN-ANOTHERS-BLOCK"),
        ((initials(), leader(), number(who=STRANGER)), "SIGNED-ON-CERTIFIED-BY-STRANGER"),
    ],
)
def test_on_a_certified_letter_it_is_for_an_officer_and_why(
    acts: tuple[Act, ...], code: str, homes: Mapping[str, DemoPki]
) -> None:
    """Another's block, a signature by hand under the agency's name, a seal under a person's, a stranger."""
    report = judged(homes, Letter(code, acts, 2))
    assert report.conclusion is Conclusion.INDETERMINATE
    assert code in codes(report)


def test_the_clerks_act_is_told_once_and_the_initials_as_such(homes: Mapping[str, DemoPki]) -> None:
    report = judged(homes, Letter("the usual six", (ALL[0], checker(), *ALL[1:]), 2))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    found = _found(report)
    wrote = found["CLERK-WROTE-NUMBER-DAY-MONTH"]
    assert wrote == {"number": "2118", "day": "24", "month": "06", "page": "1"}
    assert found["LETTER-NUMBER"] == {"number": "2118/SXD-QLN"}
    assert found["LETTER-DATE"] == {"date": "24/06/2026"}
    assert (found["CLERK-ACT"]["count"], found["CLERK-ACT"]["signer"]) == ("4", OFFICE)
    told = [[finding.code for finding in verdict.findings] for verdict in report.verdicts]
    assert [("DRAFTERS-INITIALS" in one, "CHECKERS-INITIALS" in one) for one in told] == [
        (True, False),
        (False, True),
        *[(False, False)] * 5,
    ]
    assert not any(code.startswith("CLERK-") for one in told for code in one)
    assert sum(one.count("SIGNED-ON-CERTIFIED") for one in told) == 1


def test_each_who_signed_on_a_certified_letter_is_named_with_the_page(homes: Mapping[str, DemoPki]) -> None:
    report = judged(homes, _named("ring over the annex, P=2"))
    (told,) = (f for f in report.verdicts[0].findings if f.code == "SIGNED-ON-CERTIFIED")
    assert dict(told.parameters)["names"] == f"Phạm Thị Mẫu (1), {OFFICE} (1), {OFFICE} (2)"


@pytest.mark.parametrize("paper", [Paper("two lines"), Paper("two lines", True)])
def test_the_first_signature_may_be_the_clerks_number(paper: Paper, homes: Mapping[str, DemoPki]) -> None:
    """Nothing was signed before it, so it is no addition; what it wrote is told all the same."""
    acts = tuple(written(part, text, head=paper.head) for part, text in enumerate(("35", "2", "01")))
    report = judged(homes, Letter("by the agency", (*acts, stamp()), 2, paper))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    wrote = _found(report)["CLERK-WROTE-NUMBER-DAY-MONTH"]
    assert (wrote["number"], wrote["day"], wrote["month"]) == ("35", "2", "01")
    assert "CLERK-NO-SEAL-PICTURE" not in codes(report)


def test_what_is_printed_already_is_read_too(homes: Mapping[str, DemoPki]) -> None:
    found = _found(judged(homes, _named("no blanks, P=2")))
    assert (found["LETTER-NUMBER"], found["LETTER-DATE"]) == ({"number": "118/SXD-QLN"}, {"date": "24/06/2026"})


def test_no_picture_of_a_seal_is_said_and_no_fault(homes: Mapping[str, DemoPki]) -> None:
    report = judged(homes, Letter("no seal", (*ALL[:5], stamp(picture=False)), 2))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert "CLERK-NO-SEAL-PICTURE" in codes(report)
