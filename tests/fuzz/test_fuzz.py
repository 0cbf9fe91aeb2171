"""The short form of ``make fuzz``: seeded cases of every format; and the fuzzer notices what it looks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demo.pki import DemoPki
from demo.responders import Responders
from tests.fuzz import every_byte
from tests.fuzz.every_byte import flip_every_byte, three_files
from tests.fuzz.run import Figures, _wrong, fuzz, piece_of
from tests.fuzz.seeds import Kind, Seed, make_seeds
from tests.unit.verifier.signing import now
from verifier.report import Conclusion
from verifier.verify import verify_document

CASES = 140
SEED = 20261124


@pytest.fixture(scope="module")
def seeds(pki: DemoPki, _running: Responders, shared: Path) -> list[Seed]:
    made = make_seeds(pki, _running, shared)
    _running.reset()
    return made


def test_no_mutated_file_ends_in_an_exception_or_passes(seeds: list[Seed]) -> None:
    figures: Figures = fuzz(seeds, SEED, seconds=120, cases=CASES)
    assert [(one.case, one.seed.name, one.why) for one in figures.failures] == []
    assert set(figures.cases) == set(Kind)
    assert sum(figures.cases.values()) == CASES
    assert len(figures.conclusions) >= 3, "files that all end alike were not looked at closely"


def test_a_case_is_the_same_again(seeds: list[Seed]) -> None:
    assert [piece_of(seeds, 1, case)[1] for case in range(30)] == [piece_of(seeds, 1, case)[1] for case in range(30)]
    assert piece_of(seeds, 1, 0)[1] != piece_of(seeds, 2, 0)[1]


def test_unchanged_seeds_of_ours_are_judged_and_most_pass(seeds: list[Seed]) -> None:
    """Else no mutation could make a difference."""
    passed: set[Kind] = set()
    for one in seeds:
        if not one.name.startswith("pdf/"):
            report = verify_document(*one.ask(one.piece), now())
            if report.conclusion is Conclusion.TOTAL_PASSED:
                passed.add(one.kind)
                assert _wrong(replace(one, may_pass=lambda _piece, _report: False), one.piece, report) is not None
    assert passed == set(Kind)


def test_covered_bytes_changed_one_by_one_leave_nothing_intact(pki: DemoPki, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short form of ``make fuzz ARGS=--every-byte``; and a flip that changes nothing is noticed as wrong."""
    files = three_files(pki)
    found = flip_every_byte(files, stride=601, first=7)
    assert found.wrong == []
    assert all(found.flips[name] >= 2 for name in files)
    monkeypatch.setattr(every_byte, "MASK", 0)
    unchanged = flip_every_byte({"one": files["one"]}, stride=800)
    assert len(unchanged.wrong) == unchanged.flips["one"] > 0
