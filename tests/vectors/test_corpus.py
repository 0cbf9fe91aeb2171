"""The shared corpus inside ``make test``: every file, every expectation of its origin (table: ``make vectors``)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.vectors.corpus import is_green, load_vectors
from tests.vectors.run import DIVERGING, Outcome, judge
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion

MAX_ALARM_SHARE = 0.02
"""Honest files of the third kept out of tuning that may raise an alarm."""


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> list[Outcome]:
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(2) as threads:
        return list(threads.map(lambda vector: judge(workers, vector), load_vectors(shared)))


def test_every_expectation_of_the_corpus_is_met(outcomes: list[Outcome]) -> None:
    unmet = {o.vector.name: o.problems for o in outcomes if o.problems and o.vector.name not in DIVERGING}
    assert unmet == {}


def test_what_is_listed_as_a_divergence_still_is_one_and_is_written_down(outcomes: list[Outcome]) -> None:
    assert {o.vector.name for o in outcomes if o.problems} >= set(DIVERGING)
    written = (Path(__file__).parents[2] / "docs" / "divergences.md").read_text(encoding="utf-8")
    assert [heading for heading in DIVERGING.values() if heading not in written] == []


def test_no_hostile_file_is_green_or_passed_even_if_its_own_certificates_are_trusted(outcomes: list[Outcome]) -> None:
    hostile = [o for o in outcomes if o.vector.expect.get("green") is False]
    assert len(hostile) >= 30
    assert [o.vector.name for o in hostile if is_green(o.report)] == []
    assert [o.vector.name for o in hostile if o.report.conclusion is Conclusion.TOTAL_PASSED] == []


def test_honest_files_kept_out_of_tuning_raise_no_alarm(outcomes: list[Outcome]) -> None:
    honest = [o for o in outcomes if o.vector.kept_out and o.vector.expect.get("green") is True]
    alarms = [o.vector.name for o in honest if not is_green(o.report)]
    assert len(alarms) <= MAX_ALARM_SHARE * len(honest), alarms


def test_every_file_gets_a_conclusion_and_says_why_it_is_unreadable(outcomes: list[Outcome]) -> None:
    unreadable = [o for o in outcomes if o.report.conclusion is Conclusion.UNREADABLE]
    assert [o.vector.name for o in unreadable if not o.report.findings] == []
    assert len(outcomes) >= 300
