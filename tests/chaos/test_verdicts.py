"""The short form of ``make chaos ARGS=--verdicts``; and what it counts as wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demo.pki import DemoPki
from demo.province import make_province
from demo.responders import Responders
from tests.chaos.samples import Sample, corpus_files, own_papers, turns
from tests.chaos.verdicts import Figures, Plan, check_under_load, shortcomings

PLAN = Plan(checks=100, load=6)
FROM_THE_CORPUS = 24


def test_the_same_files_get_the_same_reports_on_a_busy_machine(
    pki: DemoPki, _running: Responders, shared: Path, tmp_path: Path
) -> None:
    _running.reset()
    province = make_province(tmp_path / "home", pki)
    found = [path for path in corpus_files(shared) if path.stat().st_size < 200_000]
    files = [*own_papers(province, tmp_path / "papers"), *found[:: len(found) // FROM_THE_CORPUS]]
    figures = check_under_load(province, files, PLAN, tmp_path)
    assert list(shortcomings(figures)) == []
    assert sum(len(one.seconds) for one in figures.values()) == PLAN.checks


def _figures() -> dict[str, Figures]:
    return {"workers": Figures(), "REST": Figures(), "antin verify": Figures()}


def test_another_verdict_is_wrong() -> None:
    sample, figures = Sample(Path("a.pdf"), b"", essence=("x", "TOTAL-PASSED")), _figures()
    figures["workers"].add(sample, ("x", "TOTAL-PASSED"), 0.1)
    assert list(shortcomings(figures)) == []
    figures["workers"].add(sample, ("x", "UNREADABLE"), 0.1)
    figures["antin verify"].add(sample, "exit status 1", 0.1)
    assert len(list(shortcomings(figures))) == 2


@pytest.mark.parametrize(("refused", "short"), [(5, 0), (6, 1)])
def test_one_request_in_twenty_may_be_told_to_come_again(refused: int, short: int) -> None:
    sample, figures = Sample(Path("a.pdf"), b""), _figures()
    for number in range(100):
        figures["REST"].add(sample, (), number / 100, refused=number < refused)
    assert len(list(shortcomings(figures))) == short
    assert figures["REST"].p99_s == 0.99


def test_each_file_gets_its_turns_and_cheap_ones_the_rest() -> None:
    samples = [replace(Sample(Path(f"{n}.pdf"), b""), quiet_s=float(n)) for n in range(8)]
    chosen = turns(samples, 100, seed=1)
    counts = {sample.path.name: chosen.count(sample) for sample in samples}
    assert len(chosen) == 100
    assert counts["7.pdf"] == 3 < counts["0.pdf"]
    assert chosen != turns(samples, 100, seed=2)
