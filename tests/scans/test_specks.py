"""What is dust, a crease or light, and what is ink: on drawn neighbourhoods, so that each rule is seen by itself."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from verifier.scans.creases import without_creases
from verifier.scans.flattening import Plane, plane
from verifier.scans.residual import gain
from verifier.scans.specks import DUST_MASS, PER_MM, Dots, DustLimit, beside_ink, dots_of, dust, exchanged, shade

FINE = 8
"""Drawn so much finer than the working resolution."""


def drawn(*, dot_mm: float = 0, density: float = 0.8, bar: bool = False) -> Plane:
    """A neighbourhood of 8 mm with a stem of a letter, and beside it a dot or a bar."""
    side = round(8 * PER_MM)
    canvas = np.zeros((side * FINE, side * FINE), np.float32)
    unit = PER_MM * FINE
    cv2.rectangle(canvas, (int(2 * unit), int(2 * unit)), (int(2.4 * unit), int(6 * unit)), 0.8, -1)
    if dot_mm:
        cv2.circle(canvas, (int(5 * unit), int(5 * unit)), int(dot_mm / 2 * unit), density, -1)
    if bar:
        cv2.rectangle(canvas, (int(4 * unit), int(4 * unit)), (int(5.1 * unit), int(4.12 * unit)), density, -1)
    small = plane(cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA))
    return plane(cv2.GaussianBlur(small, (0, 0), 0.8))


class TestDust:
    @pytest.mark.parametrize(("mm", "density"), [(0.2, 0.7), (0.3, 0.7), (0.34, 0.6)])
    def test_a_small_round_speck_on_one_side_is_dust(self, mm: float, density: float) -> None:
        assert dust(drawn(dot_mm=mm, density=density), drawn())
        assert dust(drawn(), drawn(dot_mm=mm, density=density))

    @pytest.mark.parametrize("mm", [0.43, 0.5])
    def test_the_dot_below_a_letter_of_11_or_13_points_is_ink(self, mm: float) -> None:
        assert not dust(drawn(dot_mm=mm), drawn())
        assert not dust(drawn(), drawn(dot_mm=mm))

    def test_the_bar_of_a_letter_is_ink(self) -> None:
        assert not dust(drawn(bar=True), drawn())

    def test_what_left_and_came_is_an_exchange(self) -> None:
        moved = plane(np.roll(drawn(dot_mm=0.34), (6, 6), (0, 1)))
        assert not dust(drawn(dot_mm=0.34), moved)

    def test_the_same_is_not_called_dust(self) -> None:
        assert not dust(drawn(dot_mm=0.3), drawn(dot_mm=0.3))


class TestDotsOfThePage:
    """What the page itself prints says how much ink a dot has: a copier's larger specks are dust where it has more."""

    def printed(self, dot_mm: float) -> Dots:
        page = np.hstack([drawn(dot_mm=dot_mm)] * 12)
        return dots_of(page, page, np.ones(page.shape, bool))

    def test_a_speck_of_0_4_mm_is_dust_where_dots_are_larger(self) -> None:
        most = self.printed(0.6).limit(30, 3, beside=False)
        assert most.mass > DUST_MASS
        assert dust(drawn(dot_mm=0.4, density=0.95), drawn(), most)
        assert not dust(drawn(dot_mm=0.4, density=0.95), drawn())

    def test_not_where_it_could_be_a_dot_of_a_letter(self) -> None:
        printed = self.printed(0.5)
        assert printed.limit(30, 3, beside=True).mass < printed.limit(30, 3, beside=False).mass

    def test_small_dots_nearby_lower_it(self) -> None:
        large, small = self.printed(0.6), self.printed(0.43)
        both = Dots(
            np.vstack([large.places, small.places + np.float32(200)]),
            np.concatenate([large.masses, small.masses]),
            np.concatenate([large.sizes, small.sizes]),
        )
        there, here = both.limit(205, 203, beside=False), large.limit(5, 3, beside=False)
        assert there.mass < here.mass
        assert there.size < here.size

    def test_a_page_without_dots_keeps_the_strict_limit(self) -> None:
        assert self.printed(0).limit(30, 3, beside=False) == DustLimit(DUST_MASS)

    def test_a_speck_blacker_than_print_is_judged_by_its_size(self) -> None:
        """Toner of 0.34 mm, half as dark again as the print: the ink of a dot of 0.41 mm."""
        most = self.printed(0.5).limit(30, 3, beside=True)
        toner = drawn(dot_mm=0.34, density=1.2)
        assert dust(toner, drawn(), most)
        assert not dust(toner, drawn(), DustLimit(most.mass))
        assert not dust(drawn(dot_mm=0.5), drawn(), most)

    @pytest.mark.parametrize(("mm", "beside"), [(3.4, True), (4.6, False)])
    def test_beside_a_stem(self, mm: float, beside: bool) -> None:
        page = drawn()
        assert beside_ink(page, page, round(4 * PER_MM), round(mm * PER_MM)) is beside

    def test_far_from_letters_any_shape_of_so_little_ink_is_dust(self) -> None:
        thin = drawn()
        thin[round(5 * PER_MM), round(5 * PER_MM) : round(6 * PER_MM)] = 0.4
        assert not dust(thin, drawn())
        assert dust(thin, drawn(), lone=True)
        assert not dust(drawn(bar=True), drawn(), lone=True)

    def test_a_bar_is_a_mark_and_noise_is_none(self) -> None:
        page = drawn()
        assert exchanged(page, drawn(bar=True), 0.7)
        assert not exchanged(page, plane(page + 0.15 * (page > 0.3)), 0.7)


class TestShade:
    def banded(self, density: float, width_mm: float = 0.5) -> Plane:
        values = drawn()
        rows = slice(round(4 * PER_MM), round((4 + width_mm) * PER_MM))
        values[rows] = np.maximum(values[rows], density)
        return values

    def test_a_pale_straight_band_is_a_crease(self) -> None:
        assert shade(drawn(), self.banded(0.2), usual_ink=0.7)

    def test_a_dark_one_is_a_printed_rule(self) -> None:
        assert not shade(drawn(), self.banded(0.7), usual_ink=0.7)

    def test_a_mark_that_is_pale_below_a_seal_is_no_crease(self) -> None:
        """A circumflex that was taken away where a seal's ring covers half of it."""
        covered = drawn()
        columns = slice(round(4 * PER_MM), round(6 * PER_MM))
        covered[round(4 * PER_MM) : round(4.5 * PER_MM), columns] = 0.3
        assert not shade(drawn(), covered, usual_ink=0.7)

    def test_a_pale_area_is_no_crease(self) -> None:
        assert not shade(drawn(), self.banded(0.25, width_mm=3.5), usual_ink=0.7)


class TestPage:
    def page(self) -> Plane:
        """Lines of text as bars of 3 mm with gaps, on 120 × 90 mm."""
        page = np.zeros((700, 940), np.float32)
        for top in range(40, 640, 48):
            for left in range(40, 880, 60):
                page[top : top + 20 : 3, left : left + 42] = 0.7
        return plane(cv2.GaussianBlur(page, (0, 0), 0.7))

    def creased(self, page: Plane, depth: float) -> Plane:
        rows, columns = np.indices(page.shape, np.float32)
        far = rows - 300 - 0.02 * columns
        return plane(page + depth * np.exp(-((far / 3) ** 2)) * (1 - page))  # a shade takes its share of the light

    @pytest.mark.parametrize("depth", [0.08, 0.22])
    def test_a_crease_is_evened_out_on_either_side(self, depth: float) -> None:
        page, valid = self.page(), np.ones((700, 940), bool)
        worn = self.creased(page, depth)
        assert np.abs(without_creases(page, worn, valid) - page).max() < 0.5 * depth
        assert np.abs(without_creases(worn, page, valid) - worn).max() < 0.5 * depth

    def test_a_fine_streak_is_followed_through_the_feed_s_waves(self) -> None:
        page, valid = self.page(), np.ones((700, 940), bool)
        rows, columns = np.indices(page.shape, np.float32)
        far = rows - 300 - 0.0044 * columns - 2 * np.sin(columns / 300)
        streaked = plane(page + 0.16 * np.exp(-((far / 2) ** 2)) * (1 - page))
        assert np.abs(without_creases(page, streaked, valid) - page).max() < 0.07

    def test_ink_under_a_crease_keeps_its_tone(self) -> None:
        page, valid = self.page(), np.ones((700, 940), bool)
        page[295:325, 400:430] = 0.8
        worn, ink = self.creased(page, 0.22), page > 0.7
        assert np.abs(without_creases(page, worn, valid) - page)[ink].max() < 0.06
        assert np.abs(without_creases(worn, page, valid) - worn)[ink].max() < 0.06

    def test_a_line_of_text_that_is_gone_is_no_crease(self) -> None:
        page, valid = self.page(), np.ones((700, 940), bool)
        erased = page.copy()
        erased[272:308] = 0
        assert np.array_equal(without_creases(page, erased, valid), erased)

    def test_a_printed_rule_is_no_crease(self) -> None:
        page, valid = self.page(), np.ones((700, 940), bool)
        ruled = page.copy()
        ruled[312:315] = 0.8
        assert np.array_equal(without_creases(page, ruled, valid), ruled)

    def test_glare_is_light_and_a_missing_word_is_not(self) -> None:
        page = self.page()
        pale = plane(page * 0.6)
        assert np.abs(pale * gain(page, pale) - page).max() < 0.05
        erased, word = page.copy(), (slice(88, 108), slice(100, 142))
        erased[word] = 0
        assert np.abs((erased * gain(page, erased) - page)[word]).max() > 0.9 * page[word].max()
