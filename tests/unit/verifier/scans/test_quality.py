"""Skew, blur, blank pages and cut edges are measured on pages whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from tests.unit.verifier.scans.scan_maker import DPI, paper
from verifier.scans.flattening import Picture
from verifier.scans.quality import MAX_RISE_MM, MAX_SKEW_DEGREES, glare, measure

PAPER = (246, 244, 238)


def _picture(image: Image.Image) -> Picture:
    return np.asarray(image, dtype=np.uint8)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("degrees", [-5.0, -1.3, 0.0, 0.4, 2.6])
def test_skew_is_measured_closely(seed: int, degrees: float) -> None:
    turned = paper(seed).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=PAPER)
    measured = measure(_picture(turned), DPI).skew_degrees
    assert measured == pytest.approx(degrees, abs=0.15)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_sharp_page_is_not_blurred_and_a_blurred_one_is(seed: int) -> None:
    sharp = measure(_picture(paper(seed)), DPI)
    assert sharp.rise_mm is not None and sharp.rise_mm < MAX_RISE_MM / 1.5
    soft = measure(_picture(paper(seed).filter(ImageFilter.GaussianBlur(6))), DPI)
    assert soft.blank or soft.rise_mm is None or soft.rise_mm > MAX_RISE_MM


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_page_of_writing_is_neither_blank_nor_cut(seed: int) -> None:
    found = measure(_picture(paper(seed)), DPI)
    assert (found.blank, found.cut) == (False, ())
    assert abs(found.skew_degrees or 0) < MAX_SKEW_DEGREES


def test_empty_paper_is_blank() -> None:
    grain = np.random.default_rng(1).normal(245, 3, (1600, 1100, 1)).repeat(3, axis=2)
    assert measure(np.clip(grain, 0, 255).astype(np.uint8), DPI).blank


@pytest.mark.parametrize(("left", "side"), [(200, "left"), (0, "right")])
def test_a_cut_edge_is_named(left: int, side: str) -> None:
    whole = paper(5)
    cut = whole.crop((left, 0, whole.width if left else 560, whole.height))
    assert side in measure(_picture(cut), DPI).cut


@pytest.mark.parametrize("seed", range(1, 7))
def test_a_page_that_lies_upside_down_is_said(seed: int) -> None:
    upright = np.asarray(paper(seed).resize((874, 1240)))
    assert not measure(upright, 150).upside_down
    assert measure(np.ascontiguousarray(upright[::-1, ::-1]), 150).upside_down


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_glare_is_said_and_a_white_label_is_none(seed: int) -> None:
    page = np.asarray(paper(seed).resize((874, 1240)), np.float32) * 0.8
    assert not glare(page.astype(np.uint8), 150)
    rows, columns = np.mgrid[0:1240, 0:874]
    light = 255 * np.exp(-((rows - 500) ** 2 + (columns - 400) ** 2) / (2 * 90**2))
    assert glare(np.clip(page + light[..., None], 0, 255).astype(np.uint8), 150)
    labelled = page.astype(np.uint8)
    labelled[450:600, 300:560] = 255
    assert not glare(labelled, 150)
