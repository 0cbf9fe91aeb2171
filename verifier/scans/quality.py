"""How well a page was captured: skew, blur, blank pages, cut edges. Worker process only.

Measured on simulated captures by ``tests/vectors/test_scans.py``; the limits are on the lenient side, because each
finding sends a citizen back to the scanner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.scans.flattening import MM_PER_INCH, Picture, Plane, grey_of, ink, plane, resized

SKEW_DPI = 100
INK = 0.25
"""Density from which a pixel is written on."""
INK_EDGE = 0.1
"""Density from which a pixel counts towards the lines of writing, by its density."""
QUARTERS = 4
_WINDOW = np.hanning(2 * QUARTERS + 3)[1:-1]
LEAST_INK_PIXELS = 300
"""Of the skew picture: fewer show no lines."""
BLANK_SHARE = 0.0002
"""Share of inked pixels up to which a page is blank; the emptiest page of text measured 3 %."""
RIM_SHARE = 0.06
"""Of the shorter side: the rim where shadows of the lid are no lines."""
MAX_SKEW_DEGREES = 2.0
MAX_RISE_MM = 0.75
"""Length of the rise at the edge of a letter: 0.27 to 0.35 in sharp captures; above this, marks run together."""
LEAST_EDGES = 80
LETTER_MM = (0.8, 7.0)
"""Height of a letter or sign that may be cut by the edge of the picture."""
CUT_LETTERS = 5
"""So many letters must touch one edge: fewer are dust and staples."""
LINE_STRIPS = 6
LINE_MM = (1.8, 9.0)
"""Height of a line of writing with its marks."""
LINE_FILL = 0.06
"""Share of a strip's width that the fullest row of a line inks."""
LEAST_LINES = 12
UPSIDE_DOWN = -0.2
CLIPPED = 252
GLARE_PAPER = 235
GLARE_SHARE = 0.004
GLARE_FRINGE = 0.35
"""How far the fringe lies between the paper and white: a white label on the sheet has none."""
SIDES = ("top", "bottom", "left", "right")


@dataclass(frozen=True)
class Quality:
    """What was measured; None where there is nothing to measure. ``cut`` names the sides that letters run over."""

    skew_degrees: float | None
    rise_mm: float | None
    blank: bool
    cut: tuple[str, ...]
    upside_down: bool = False


def measure(picture: Picture, dpi: float) -> Quality:
    """Measure one page, drawn at ``dpi``."""
    grey = grey_of(picture)
    density = ink(grey, dpi)
    written = np.asarray(_inner(density) > INK)
    blank = float(written.mean()) <= BLANK_SHARE if written.size else True
    if blank:
        return Quality(None, None, True, ())
    small = resized(grey, min(1.0, SKEW_DPI / dpi))
    leaning = skew(small, min(dpi, SKEW_DPI))
    turned = leaning is not None and upside_down(density, dpi, leaning)
    return Quality(leaning, rise(density, dpi), False, cut_sides(density, dpi), turned)


def _inner(density: NDArray[Any]) -> NDArray[Any]:
    rim = int(RIM_SHARE * min(density.shape))
    return density[rim : density.shape[0] - rim, rim : density.shape[1] - rim]


def skew(grey: NDArray[np.uint8], dpi: float) -> float | None:
    """The angle of the lines of writing in degrees, positive where they fall to the right.

    The angle at which the row sums of ink differ most from one row to the next, sought in three passes.
    """
    density = _inner(ink(grey, dpi))
    if int((density > INK).sum()) < LEAST_INK_PIXELS:
        return None
    rows, columns = np.nonzero(density > INK_EDGE)
    weights = np.clip(density[rows, columns], 0, 1)
    best_score, best = -1.0, 0.0
    for reach, step in ((6.0, 0.25), (0.3, 0.05), (0.06, 0.02)):
        centre = best
        for angle in np.arange(centre - reach, centre + reach + step / 2, step):
            score = _sharpness(rows, columns, weights, float(angle))
            if score > best_score:
                best_score, best = score, float(angle)
    return round(best, 2)


def _sharpness(rows: NDArray[np.intp], columns: NDArray[np.intp], weights: Plane, angle: float) -> float:
    """How much the row sums differ, in quarters of a row: whole rows would favour angles that fit the pixels."""
    levelled = (rows - columns * math.tan(math.radians(angle))) * QUARTERS
    counted = np.bincount((levelled - levelled.min()).astype(np.intp), weights)
    sums = np.convolve(counted, _WINDOW)
    return float(((sums[QUARTERS:] - sums[:-QUARTERS]) ** 2).sum())


def upside_down(density: Plane, dpi: float, skew_degrees: float) -> bool:
    """Does more ink reach below the lines' letters than above them: marks and tall letters stand above.

    Measured: -0.34 to -0.47 on the three real pages that lie upside down, -0.15 and more on all others with so many
    lines (hand-written pages lie near 0), 0.39 and more on made-up Vietnamese pages.
    """
    height, width = density.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew_degrees, 1)
    level = plane(cv2.warpAffine(np.clip(density, 0, 1), turn, (width, height)))
    above = below = 0.0
    lines = 0
    for strip in np.array_split(level > INK, LINE_STRIPS, axis=1):
        for rows in _lines(strip, dpi):
            core = np.flatnonzero(rows >= rows.max() / 2)
            above += float(rows[: core[0]].sum())
            below += float(rows[core[-1] + 1 :].sum())
            lines += 1
    return lines >= LEAST_LINES and above + below > 0 and (above - below) / (above + below) <= UPSIDE_DOWN


def _lines(strip: NDArray[np.bool_], dpi: float) -> list[NDArray[Any]]:
    """Per line of writing in a strip of the page: how many inked pixels each of its rows has."""
    sums = strip.sum(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (sums > 0).astype(np.int8), [0]])))
    least, most = (mm / MM_PER_INCH * dpi for mm in LINE_MM)
    runs = [sums[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True) if least <= end - start <= most]
    full = [rows for rows in runs if rows.max() >= LINE_FILL * strip.shape[1]]
    return [rows for rows in full if int((rows >= rows.max() / 2).sum()) >= len(rows) / 4]


def glare(picture: Picture, dpi: float) -> bool:
    """Did a lamp or flash wash a place out: clipped to white, with a bright fringe, on paper that is not white."""
    grey = grey_of(resized(picture, min(1.0, SKEW_DPI / dpi)))
    paper = float(np.median(grey[grey > np.median(grey) / 2]))
    if paper > GLARE_PAPER:
        return False
    washed = cv2.morphologyEx((grey >= CLIPPED).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(washed)
    if count < 2:
        return False
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if int(stats[largest, cv2.CC_STAT_AREA]) < GLARE_SHARE * grey.size:
        return False
    blob = (labels == largest).astype(np.uint8)
    fringe = (cv2.dilate(blob, np.ones((21, 21), np.uint8)) > 0) & (blob == 0)
    return float(np.median(grey[fringe])) >= paper + GLARE_FRINGE * (255 - paper)


def rise(density: Plane, dpi: float) -> float | None:
    """Median length in millimetres over which strong edges rise from paper to ink; None with too few edges."""
    clear = plane(np.clip(density, 0, 1))
    across = plane(cv2.Sobel(clear, cv2.CV_32F, 1, 0, scale=0.125))
    down = plane(cv2.Sobel(clear, cv2.CV_32F, 0, 1, scale=0.125))
    slope = np.hypot(across, down)
    side = int(0.5 / MM_PER_INCH * dpi) | 1
    kernel = np.ones((side, side), np.uint8)
    height = plane(cv2.dilate(clear, kernel)) - plane(cv2.erode(clear, kernel))
    peaks = (slope == plane(cv2.dilate(slope, kernel))) & (height > 0.35) & (slope > 0)
    if int(peaks.sum()) < LEAST_EDGES:
        return None
    return float(np.median(height[peaks] / slope[peaks]) * MM_PER_INCH / dpi)


def cut_sides(density: Plane, dpi: float) -> tuple[str, ...]:
    """The sides of the picture that letters run over: several marks of a letter's size touch them."""
    written = np.asarray(density > INK, dtype=np.uint8)
    height, width = written.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(written)
    left, top, wide, tall = (stats[1:, column] for column in range(4))
    least, most = (mm / MM_PER_INCH * dpi for mm in LETTER_MM)
    size = np.maximum(wide, tall)
    letters = (size >= least) & (size <= most) & (np.minimum(wide, tall) >= least / 3)
    touching = (top <= 0, top + tall >= height, left <= 0, left + wide >= width)
    return tuple(
        side for side, touches in zip(SIDES, touching, strict=True) if int((letters & touches).sum()) >= CUT_LETTERS
    )
