"""The look at 300 dpi: a tone mark of small type that is as round as dust at the working resolution."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.scans import generator
from tests.scans.captures import Capture
from tests.scans.forgeries import SMALL_POINTS, SMALL_TONE_MARK
from tests.scans.generator import ScanPair, pair
from tests.scans.papers import Sheet
from verifier.drawing.rendering import RenderedDocument
from verifier.scans.compare import Outcome, compare_papers
from verifier.scans.pages import Pages, PagesError

SMALL_TYPE = 9.0
A_DOT_FOR_AN_ACUTE = 6_000_000
"""Phan Bích Đạt becomes Phan Bịch Đạt."""


@pytest.fixture(scope="module")
def small() -> ScanPair:
    """What is otherwise set in 11 points, in 9; both sides at 300 dpi."""
    sheet_of = generator._sheet

    def small_sheet(block: int, without: str = "") -> Sheet:
        sheet = sheet_of(block, without)
        for word in sheet.words:
            if word.points < SMALL_POINTS:
                word.points = SMALL_TYPE
        return sheet

    generator._master.cache_clear()
    generator._reference.cache_clear()
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(generator, "_sheet", small_sheet)
        made = pair(A_DOT_FOR_AN_ACUTE, SMALL_TONE_MARK, "scan 300")
    generator._master.cache_clear()
    generator._reference.cache_clear()
    return made


def as_pdf(capture: Capture) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(capture.data)).save(out, "PDF", resolution=300, quality=92)
    return out.getvalue()


def coarser(capture: Capture) -> bytes:
    picture = Image.open(io.BytesIO(capture.data))
    out = io.BytesIO()
    size = (round(picture.width * 2 / 3), round(picture.height * 2 / 3))
    picture.resize(size, Image.Resampling.BOX).save(out, "JPEG", quality=92, dpi=(200, 200))
    return out.getvalue()


def test_a_small_dot_in_place_of_an_acute_is_found(small: ScanPair) -> None:
    found = compare_papers(small.copy.data, small.original.data)
    assert found.outcome is Outcome.DIFFERENCES
    (difference,) = found.pages[0].differences
    assert small.place is not None
    assert difference.box[0] < small.place[2] and small.place[0] < difference.box[2]
    assert difference.box[1] < small.place[3] and small.place[1] < difference.box[3]


def test_a_scan_in_a_pdf_is_drawn_as_fine(small: ScanPair) -> None:
    window = (slice(300, 600), slice(300, 800))
    with Pages(as_pdf(small.copy)) as drawn, Pages(small.copy.data) as decoded:
        pictures = [pages.raster(0).fine for pages in (drawn, decoded)]
        greys = [fine.part(window).astype(int) for fine in pictures if fine is not None]
    assert [grey.shape for grey in greys] == [(300, 500)] * 2
    assert np.abs(greys[0] - greys[1]).mean() < 4


def test_a_coarser_picture_on_the_page_ends_it(small: ScanPair) -> None:
    """A logo of 300 dpi on a scan of 150 does not make the scan finer."""
    with Pages(as_pdf(small.copy)) as pages, pytest.MonkeyPatch.context() as changed:
        changed.setattr(RenderedDocument, "picture_resolutions", lambda *_: [300.0, 150.0])
        assert pages.raster(0).fine is None
        changed.setattr(RenderedDocument, "picture_resolutions", lambda *_: [300.0, 600.0])
        assert pages.raster(0).fine is not None


def test_a_part_that_cannot_be_drawn_is_a_damaged_page(small: ScanPair) -> None:
    with Pages(as_pdf(small.copy)) as pages:
        fine = pages.raster(0).fine
        assert fine is not None
        with pytest.raises(PagesError):
            fine.part((slice(90_000, 90_100), slice(0, 100)))


def test_where_one_side_is_coarser_there_is_none(small: ScanPair) -> None:
    with Pages(coarser(small.original)) as pages:
        assert pages.raster(0).fine is None
    assert compare_papers(small.copy.data, coarser(small.original)).outcome is Outcome.MATCH
