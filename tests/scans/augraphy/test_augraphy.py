"""The plan and the page of the run under Augraphy's noise; Augraphy itself is not installed for the suite."""

from __future__ import annotations

from collections import Counter

from tests.scans.augraphy.rates import alone, plan
from tests.scans.augraphy.tables import ALONE, AUGRAPHY, OURS, Row, table
from tests.scans.captures import CAPTURES
from tests.scans.forgeries import KINDS
from tests.scans.generator import GENUINE, TURNS
from tests.scans.judging import Judged


class TestPlan:
    def test_a_run_that_stopped_has_a_balanced_table(self) -> None:
        for stopped in (12, 36, 60):
            kinds = Counter(each.kind for each in plan(stopped))
            assert kinds.pop(GENUINE) == stopped // 3
            assert max(kinds.values()) - min(kinds.get(kind, 0) for kind in KINDS) <= 1

    def test_each_kind_is_captured_in_several_ways(self) -> None:
        for kind in KINDS:
            assert len({each.how for each in plan(60) if each.kind == kind}) >= 4
        assert {each.how for each in plan(60) if each.kind == GENUINE} == set(CAPTURES)

    def test_every_pair_has_a_paper_of_its_own(self) -> None:
        papers = [each.seed // len(TURNS) for each in (*plan(1000), *alone(3))]
        assert len(set(papers)) == len(papers)


def row(seed: int, noise: str, applied: tuple[str, ...], found: bool | None, false_boxes: int = 0) -> Row:
    kind = GENUINE if found is None else KINDS[0]
    return Row(Judged(seed, kind, "scan 200", "match", found, false_boxes, 0, 1.0, 1), noise, applied)


class TestPage:
    def test_both_noises_stand_beside_each_other(self) -> None:
        unfinished = [row(14, OURS, (), True), row(27, AUGRAPHY, ("Jpeg",), False)]
        page = table([row(1, AUGRAPHY, ("Jpeg",), False), row(1, OURS, (), True), *unfinished])
        line = next(line for line in page.splitlines() if line.startswith("| found, all |"))
        cells = [cell.strip().split(" ")[0] for cell in line.split("|")[2:4]]
        assert cells == ["0/1", "1/1"]  # only papers that were captured both ways are counted

    def test_a_failure_is_named_with_the_noise_on_its_page(self) -> None:
        ours = (row(1, OURS, (), None), row(14, OURS, (), True))
        page = table([row(1, AUGRAPHY, ("Folding", "Jpeg"), None, 3), row(14, AUGRAPHY, ("Jpeg",), True), *ours])
        assert "| 1 | genuine | scan 200 | false boxes: 3 | Folding, Jpeg |" in page
        assert "| 14 |" not in page

    def test_noise_alone_is_counted_by_itself(self) -> None:
        page = table(
            [row(1, AUGRAPHY, ("Jpeg",), True), row(1, OURS, (), True), row(2, ALONE, ("Gamma", "Jpeg"), None, 7)]
        )
        assert "| Gamma | scan 200 | 1 | 1 | 7 | 0 |" in page
        assert "Here **1 papers**" in page

    def test_what_is_boxed_wherever_it_stands_alone_is_left_out_once(self) -> None:
        single = [row(100, ALONE, ("Gamma", "Jpeg"), None, 7), row(113, ALONE, ("Jpeg",), None)]
        both = [row(1, AUGRAPHY, ("Gamma", "Jpeg"), True, 4), row(14, AUGRAPHY, ("Jpeg",), True)]
        page = table([*both, row(1, OURS, (), True), row(14, OURS, (), True), *single])
        assert "Each page under Gamma alone was boxed." in page
        assert "1/1 = 100.0 % [21–100] found, false boxes on 0/1" in page
