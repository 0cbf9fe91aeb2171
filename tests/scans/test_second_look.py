"""The second look: what is judged where, and when it may stop; and coloured ink on a grey print."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from verifier.scans.colours import colours_of, one_sided
from verifier.scans.flattening import Plane, plane
from verifier.scans.registration import field_of
from verifier.scans.residual import Candidate, Scale, coloured_matched
from verifier.scans.second_look import ENOUGH, PER_MM, SPECK_SCORE, Pair, looked_again
from verifier.scans.specks import dots_of

SIDE = 900


def words() -> Plane:
    """Lines of words as bars, over a page of 114 mm."""
    page = np.zeros((SIDE, SIDE), np.float32)
    for top in range(60, 840, 48):
        for left in range(60, 840, 60):
            page[top : top + 20 : 3, left : left + 42] = 0.7
    return plane(cv2.GaussianBlur(page, (0, 0), 0.7))


def laid(original: Plane, copy: Plane) -> Pair:
    valid = np.ones(original.shape, bool)
    scales = (Scale(0.1, 1e-4),) * 3
    return Pair(original, copy, valid, scales, 0.7, dots_of(original, copy, valid))


def place(row: int, column: int, score: float, mm: float = 2.0) -> Candidate:
    x, y = column / PER_MM, row / PER_MM
    return Candidate(score, x - mm / 2, y - mm / 2, x + mm / 2, y + mm / 2)


class TestWhenEnoughDiffers:
    def test_the_rest_of_another_paper_is_not_looked_at_again(self) -> None:
        page = words()
        changed = page.copy()
        places = [(70 + 48 * i, 80 + 60 * i) for i in range(12)]
        for row, column in places:
            changed[row - 14 : row + 14, column - 14 : column + 14] = 1.0
        found = [place(*at, 1000.0 - i, 4.0) for i, at in enumerate(places)]
        scores = {each.left: each.score for each in looked_again(found, laid(page, changed))}
        looked = [each for each in found if scores[each.left] < each.score]
        assert looked == found[:ENOUGH]

    def test_the_same_paper_is_looked_at_in_every_place(self) -> None:
        found = [place(70 + 48 * i, 80 + 60 * i, 1000.0 - i) for i in range(12)]
        assert all(each.score < 1 for each in looked_again(found, laid(words(), words())))


class TestBlankPaperAround:
    """It has nothing by which the copy could be shifted, and fits as well where the mark is out of the way."""

    def looked(self, seed: int, dot_px: int, bar_px: int = 0) -> Candidate:
        noise = np.random.RandomState(seed)
        original, copy = (plane(noise.randn(SIDE, SIDE) * 0.004) for _ in range(2))
        cv2.circle(copy, (450, 450), dot_px, 0.8, -1, cv2.LINE_AA)
        if bar_px:
            cv2.line(copy, (450, 450 - bar_px), (450, 450 + bar_px), 0.8, 3)
        pair = laid(plane(cv2.GaussianBlur(original, (0, 0), 0.6)), plane(cv2.GaussianBlur(copy, (0, 0), 0.6)))
        (again,) = looked_again([place(450, 450, 40.0, 1.2)], pair)
        return again

    @pytest.mark.parametrize("seed", range(3))
    def test_a_mark_stays_a_mark(self, seed: int) -> None:
        again = self.looked(seed, 1, bar_px=8)
        assert again.score > 35
        assert again.mark

    @pytest.mark.parametrize("seed", range(3))
    def test_a_speck_is_dust_where_it_was_found(self, seed: int) -> None:
        assert self.looked(seed, 1).score == SPECK_SCORE


class TestColouredInkOnAGreyPrint:
    def star(self) -> Plane:
        """Ink of a seal: 0.3 to 0.7, over 40 pixels."""
        ink = np.zeros((SIDE, SIDE), np.float32)
        ink[100:140, 100:140] = np.linspace(0.3, 0.7, 40)
        return ink

    def test_it_has_tones_of_its_own(self) -> None:
        ink = self.star()
        steep = plane(1 / (1 + np.exp(-(ink - 0.45) * 9)) * (ink > 0))
        found = coloured_matched(ink, steep, ink > 0)
        assert np.abs(steep - ink).max() > 0.15
        assert np.abs(found - ink).max() < 0.03

    def test_nothing_is_made_of_paper(self) -> None:
        ink = self.star()
        missing = np.zeros_like(ink)
        assert np.array_equal(coloured_matched(ink, missing, ink > 0), missing)

    def test_it_is_sought_where_one_side_alone_is_grey(self) -> None:
        page = np.full((400, 400, 3), 250, np.uint8)
        page[50:130, 50:130] = (205, 28, 45)
        page[200:280, 200:280] = 25
        grey = np.asarray(cv2.merge([cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)] * 3), np.uint8)
        field = field_of(np.eye(3), (400, 400))
        assert colours_of(page).seen
        assert not colours_of(grey).seen
        for found in (one_sided(grey, page, (False, True), field), one_sided(page, grey, (True, False), field)):
            assert found is not None
            assert found[60:120, 60:120].all()
            assert not found[190:290, 190:290].any()
        assert one_sided(page, page, (True, True), field) is None
        assert one_sided(grey, grey, (False, False), field) is None
