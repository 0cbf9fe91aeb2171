"""Pictures of pages, and where two pictures differ."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.attacks.making import SEAL, SEAL_BOX, paper, sign
from verifier.drawing import picture_difference, rendering
from verifier.drawing.picture_difference import compare_revisions
from verifier.drawing.rendering import RenderedDocument, RenderingError, page_sizes, render_page


def blank(height: int = 100, width: int = 80) -> rendering.Picture:
    return np.full((height, width, 3), 255, dtype=np.uint8)


def test_a_page_is_drawn_as_wide_as_asked_and_in_proportion() -> None:
    picture = Image.open(io.BytesIO(render_page(paper(), 0, 400)))
    assert picture.format == "PNG"
    assert picture.size == (400, 567)


def test_a_window_shows_what_the_whole_page_shows_there() -> None:
    data = sign(paper(), "Dau", SEAL_BOX, SEAL)
    with RenderedDocument(data) as document:
        whole = document.picture(0, 1.0)
        for window in (
            (slice(0, 300), slice(0, 595)),
            (slice(40, 900), slice(30, 700)),
            (slice(0, 842), slice(0, 595)),
        ):
            assert (document.picture(0, 1.0, window=window) == whole[window]).all()
        with pytest.raises(RenderingError):
            document.picture(0, 1.0, window=(slice(900, 950), slice(0, 10)))


def test_a_field_left_out_of_one_picture_is_on_the_next() -> None:
    """A later field at the place of an earlier signature must not hide what that one drew."""
    with RenderedDocument(sign(paper(), "Dau", SEAL_BOX, SEAL)) as document:
        whole = document.picture(0, 1.0)
        rectangle = document.rectangles(0, document.signature_boxes(0))
        bare = document.picture(0, 1.0, [*rectangle, *rectangle])
        assert (bare != whole).any()
        assert (document.picture(0, 1.0) == whole).all()
        assert (document.picture(0, 1.0, rectangle) == bare).all()


def test_the_smallest_window_around_others_and_one_grown() -> None:
    around = picture_difference.window_around([(slice(5, 9), slice(70, 80)), (slice(7, 20), slice(3, 4))])
    assert around == (slice(5, 20), slice(3, 80))
    assert picture_difference.grown_window(around, 4) == (slice(1, 24), slice(0, 84))


def test_sizes_are_in_points() -> None:
    assert page_sizes(paper(pages=3)) == [(595.0, 842.0)] * 3


@pytest.mark.parametrize("index", [-1, 2])
def test_a_page_that_is_not_there(index: int) -> None:
    with pytest.raises(RenderingError):
        render_page(paper(pages=2), index, 100)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"no pdf at all"])
def test_what_is_no_document(data: bytes) -> None:
    with pytest.raises(RenderingError):
        RenderedDocument(data)


def test_a_seal_is_found_where_it_stands_and_nowhere_else() -> None:
    signed = sign(paper())
    pages = compare_revisions(sign(signed, "Dau", SEAL_BOX, SEAL), len(signed))
    assert [len(page.boxes) for page in pages] == [1, 0]
    left, top, right, bottom = pages[0].boxes[0]
    assert SEAL_BOX[0] < left * 595 < right * 595 < SEAL_BOX[2]
    assert SEAL_BOX[1] < (1 - bottom) * 842 < (1 - top) * 842 < SEAL_BOX[3]


def test_small_differences_of_colour_do_not_count() -> None:
    other = blank()
    other[10, 10] = 255 - picture_difference.CHANNEL_TOLERANCE
    assert not picture_difference.differing_pixels(blank(), other).any()
    other[10, 10] = 254 - picture_difference.CHANNEL_TOLERANCE
    assert picture_difference.differing_pixels(blank(), other).sum() == 1


def test_pixels_near_each_other_make_one_box_and_distant_ones_two() -> None:
    mask = np.zeros((100, 80), dtype=bool)
    mask[10, 10] = mask[14, 20] = mask[80, 70] = True
    first, second = picture_difference.boxes_of(mask)
    assert first == pytest.approx((10 / 80, 10 / 100, 21 / 80, 15 / 100))
    assert second == pytest.approx((70 / 80, 80 / 100, 71 / 80, 81 / 100))


@pytest.mark.parametrize("cover", [(255, 255, 255), (255, 255, 0), (0, 0, 0), (120, 120, 120)])
def test_marks_under_a_cover_of_any_colour_are_lost(cover: tuple[int, int, int]) -> None:
    before = blank()
    before[20:60:4, 10:70] = 0
    after = before.copy()
    after[15:65, 5:75] = cover
    assert picture_difference.lost_marks(before, after)[22:58, 12:68].any()


def test_marks_under_something_transparent_are_not_lost() -> None:
    before = blank()
    before[20:60:4, 10:70] = 0
    after = before.copy()
    after[15:65, 5:75, 1:] //= 2
    assert not picture_difference.lost_marks(before, after).any()


def test_a_poster_is_drawn_coarser() -> None:
    assert rendering.comparison_scale((595, 842)) == 1
    assert rendering.comparison_scale((14_400, 14_400)) ** 2 * 14_400**2 == pytest.approx(rendering.MAX_PIXELS)


@pytest.mark.parametrize("password", [None, "", "khong dung"])
def test_a_password_that_is_not_needed_does_no_harm(password: str | None) -> None:
    assert len(page_sizes(paper(), password)) == 2
