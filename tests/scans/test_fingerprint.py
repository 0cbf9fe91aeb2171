"""Binding: what a file is to another, with the margin between a scan saved again and one with a changed field."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image

from tests.scans.captures import Capture, captured
from tests.scans.forgeries import TONE_MARK, forge
from tests.scans.papers import paper
from tests.scans.printing import printed
from verifier.scans.fingerprint import (
    ALIKE_BITS,
    SAME_LEVELS,
    Binding,
    apart,
    bind,
    pixel_difference,
    prints_of,
)
from verifier.scans.flattening import Grey, grey_of
from verifier.scans.pages import Pages

SEED = 930_000
MARGIN = 1.2
"""Both sides keep this factor from the threshold."""
AGAIN = [(50, 1.0), (95, 1.0), (50, 0.7), (85, 1.3)]


@pytest.fixture(scope="module")
def scan() -> Capture:
    return captured(printed(paper(SEED, 0), SEED), "scan 200", SEED)


def saved_again(data: bytes, quality: int, scale: float) -> bytes:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    dpi = Image.open(io.BytesIO(data)).info["dpi"][0]
    size = round(image.width * scale), round(image.height * scale)
    out = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=quality, dpi=(dpi * scale, dpi * scale))
    return out.getvalue()


@cache
def edited(kind: str) -> bytes:
    """The same capture of a sheet with one field changed: nothing else differs."""
    sheet = paper(SEED, 0)
    forge(sheet, kind, SEED)
    return captured(printed(sheet, SEED), "scan 200", SEED).data


def grey(data: bytes) -> Grey:
    with Pages(data) as pages:
        return grey_of(pages.raster(0).picture)


def levels(one: bytes, other: bytes) -> float:
    found = pixel_difference(grey(one), grey(other))
    assert found is not None
    return float(found.max())


class TestSameScan:
    def test_the_same_file(self, scan: Capture) -> None:
        assert bind(scan.data, scan.data) is Binding.SAME_FILE

    def test_another_wrapping_of_the_same_pixels(self, scan: Capture) -> None:
        png = io.BytesIO()
        Image.open(io.BytesIO(scan.data)).convert("RGB").save(png, "PNG", dpi=(200, 200))
        assert bind(png.getvalue(), scan.data) is Binding.SAME_PAGES
        assert [each.sha256 for each in prints_of(png.getvalue())] == [each.sha256 for each in prints_of(scan.data)]

    @pytest.mark.parametrize(("quality", "scale"), AGAIN)
    def test_saved_again_keeps_its_distance_below(self, scan: Capture, quality: int, scale: float) -> None:
        again = saved_again(scan.data, quality, scale)
        assert bind(again, scan.data) is Binding.SAME_SCAN
        assert levels(again, scan.data) * MARGIN <= SAME_LEVELS
        assert apart(prints_of(again)[0].look, prints_of(scan.data)[0].look) <= ALIKE_BITS


class TestChanged:
    @pytest.mark.parametrize("kind", [TONE_MARK, "digit"])
    @pytest.mark.parametrize(("quality", "scale"), [(50, 1.0), (50, 0.7), (85, 1.3)])
    def test_one_changed_field_keeps_its_distance_above(
        self, scan: Capture, kind: str, quality: int, scale: float
    ) -> None:
        changed = saved_again(edited(kind), quality, scale)
        assert bind(changed, scan.data) is Binding.CHANGED_SCAN
        assert levels(changed, scan.data) >= SAME_LEVELS * MARGIN

    def test_another_picture_of_the_same_paper(self, scan: Capture) -> None:
        again = captured(printed(paper(SEED, 0), SEED), "scan 200", SEED + 7)
        assert bind(again.data, scan.data) is Binding.SAME_PAPER

    def test_something_else(self, scan: Capture) -> None:
        noise = np.random.default_rng(1).integers(0, 255, (2339, 1654, 3), dtype=np.uint8)
        out = io.BytesIO()
        Image.fromarray(noise).save(out, "JPEG", dpi=(200, 200))
        assert bind(out.getvalue(), scan.data) is Binding.OTHER

    def test_a_page_left_out_is_a_change(self, scan: Capture) -> None:
        first = Image.open(io.BytesIO(scan.data)).convert("RGB")
        blank = Image.new("RGB", first.size, "white")
        both, one = io.BytesIO(), io.BytesIO()
        first.save(both, "TIFF", save_all=True, append_images=[blank], dpi=(200, 200))
        first.save(one, "TIFF", dpi=(200, 200))
        assert bind(one.getvalue(), both.getvalue()) is Binding.CHANGED_SCAN

    def test_a_file_that_cannot_be_drawn_is_no_answer(self, scan: Capture) -> None:
        assert bind(b"%PDF-1.7", scan.data) is None
