"""What differs between two aligned ink maps, whatever the blur and tone of the captures, and a shift of one pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.flattening import WORKING_DPI, Mask, Plane, blurred, pixels, plane

WINDOWS_MM = (0.6, 1.0, 1.9)
BLURS = ((0.0, 0.0), (0.5, 0), (0.8, 0), (1.1, 0), (1.5, 0), (0, 0.5), (0, 0.8), (0, 1.1), (0, 1.5))
"""Of the original and of the copy, in pixels: the sharper of the two is blurred to the other."""
MIN_INK_PIXELS = 500
STRIP_PX = 128
SAMPLES = 60_000
SAMPLE_CELL_PX, SAMPLE_CELLS, SAMPLE_INK = 128, 30, 0.1
TONES = 512
STROKE = 0.3
GAIN_COARSE = 4
GAIN_MM = 2.5
GAIN_FLOOR = 0.002
GAINS = (0.5, 3.0)
CANDIDATE_SCORE = 2.5
MERGE_MM = 0.5
MAX_CANDIDATES = 40
RIM_MM = 14.0
THIN_MM = 3.2


@dataclass(frozen=True)
class Scale:
    """For one window: the page's usual ratio of difference to structure, and the noise of its blank paper."""

    ratio: float
    noise: float


@dataclass(frozen=True)
class Candidate:
    """A place that differs: millimetres on the original's page, and how many times the page's usual difference.

    ``mark``: small, and what differs is ink (known after the second look).
    """

    score: float
    left: float
    top: float
    right: float
    bottom: float
    mark: bool = False

    @property
    def width(self) -> float:
        """Millimetres."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Millimetres."""
        return self.bottom - self.top


def matched(original: Plane, copy: Plane, valid: Mask) -> tuple[Plane, Plane]:
    """Both maps with the same blur and the copy's tones as the original's (quantiles of the inked pixels)."""
    near_ink = valid & (cv2.dilate(np.maximum(original, copy), np.ones((7, 7), np.uint8)) > 0.2)
    if int(near_ink.sum()) < MIN_INK_PIXELS:
        return original, copy
    blur_a, blur_b = _blur_of(original, copy, near_ink)
    a, b = blurred(original, blur_a), blurred(copy, blur_b)
    return a, _toned(a, b, near_ink)


def coloured_matched(original: Plane, copy: Plane, where: Mask) -> Plane:
    """The copy with the original's tones also in coloured ink, of which one side is a grey print (``where``).

    Within ``GAINS``, so that nothing is made of paper: a seal that is missing stays missing.
    """
    if int(where.sum()) < MIN_INK_PIXELS:
        return copy
    toned = np.clip(_toned(original, copy, where), GAINS[0] * copy, GAINS[1] * copy)
    return plane(np.where(where, toned, copy))


def _toned(original: Plane, copy: Plane, where: Mask) -> Plane:
    """The copy with tones by which it is as dark as the original at each quantile of these pixels."""
    rows, columns = np.nonzero(where)
    step = max(1, len(rows) // SAMPLES)
    rows, columns = rows[::step], columns[::step]
    wanted, had = np.sort(original[rows, columns]), np.sort(copy[rows, columns])
    knots = np.linspace(0, len(wanted) - 1, 24).astype(int)
    rising = np.maximum.accumulate(had[knots]) + np.arange(24) * 1e-6
    levels = np.linspace(-0.2, 1.2, TONES, dtype=np.float32)
    table = plane(np.interp(levels, rising, wanted[knots]))
    at = (copy + np.float32(0.2)) * np.float32((TONES - 1) / 1.4)
    return plane(cv2.remap(table[None], at, np.zeros_like(copy), cv2.INTER_LINEAR))


def _blur_of(original: Plane, copy: Plane, near_ink: Mask) -> tuple[float, float]:
    """The blurs of the two with which they agree best, on so many of the inked cells, spread over the page."""
    rows, columns = near_ink.shape[0] // SAMPLE_CELL_PX, near_ink.shape[1] // SAMPLE_CELL_PX
    shares = cv2.resize(
        near_ink[: rows * SAMPLE_CELL_PX, : columns * SAMPLE_CELL_PX].astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_AREA,
    )
    cells = np.argwhere(shares > SAMPLE_INK)
    cells = cells[:: max(1, len(cells) // SAMPLE_CELLS)] * SAMPLE_CELL_PX
    if not len(cells):
        return 0.0, 0.0
    a, b, inked = (
        np.concatenate([each[y : y + SAMPLE_CELL_PX, x : x + SAMPLE_CELL_PX] for y, x in cells])
        for each in (original, copy, near_ink)
    )
    return max(BLURS, key=lambda blurs: _correlation(blurred(a, blurs[0])[inked], blurred(b, blurs[1])[inked]))


def _correlation(a: Plane, b: Plane) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-9))


def usual_ink(values: Plane, valid: Mask) -> float:
    """The density of most of the page's ink."""
    inked = values[valid & (values > STROKE)]
    return float(np.percentile(inked, 75)) if inked.size > MIN_INK_PIXELS else 1.0


def gain(a: Plane, b: Plane) -> Plane:
    """How much darker the original's ink is than the copy's around each place: glare, coloured ink in grey.

    By least squares over a few millimetres where both have ink, so ink that one side lacks is not hidden.
    """
    size = (max(1, a.shape[1] // GAIN_COARSE), max(1, a.shape[0] // GAIN_COARSE))
    small = [plane(cv2.resize(each, size, interpolation=cv2.INTER_AREA)) for each in (a * b, b * b)]
    sigma = pixels(GAIN_MM) / GAIN_COARSE
    both, own = (blurred(each, sigma) + np.float32(GAIN_FLOOR) for each in small)
    return plane(cv2.resize(np.clip(both / own, *GAINS), (a.shape[1], a.shape[0]), interpolation=cv2.INTER_LINEAR))


def difference(
    original: Plane, copy: Plane, valid: Mask, scales: tuple[Scale, ...] | None = None
) -> tuple[Plane, tuple[Scale, ...]]:
    """Squared difference by local structure, the least of nine shifts by a pixel, the most of three windows.

    ``scales`` None: estimated from the page itself. A score of 1 is the page's usual difference.
    """
    a, b = blurred(original, 0.6), blurred(copy, 0.6)
    structure = (_slope(a) + _slope(b)) * 0.5
    inked = (cv2.dilate(np.maximum(a, b), np.ones((5, 5), np.uint8)) > 0.2) & valid
    leasts = _least_squares(a, b)
    found: list[Scale] = []
    out = np.zeros_like(a)
    for index, (mm, least) in enumerate(zip(WINDOWS_MM, leasts, strict=True)):
        side = pixels(mm) | 1
        energy = plane(cv2.boxFilter(structure, -1, (side, side)))
        scale = scales[index] if scales is not None else _scale(least, energy, inked, valid & ~inked)
        found.append(scale)
        np.maximum(out, least / (scale.ratio * energy + 2 * scale.noise + 0.0022), out=out)
    out[~valid] = 0
    return out, tuple(found)


def _least_squares(a: Plane, b: Plane) -> list[Plane]:
    """For each window the least mean squared difference of nine shifts; strip by strip, which fit the cache."""
    sides = [pixels(mm) | 1 for mm in WINDOWS_MM]
    reach = max(sides) // 2
    least = [np.empty_like(a) for _ in sides]
    far = cv2.copyMakeBorder(b, 1, 1, 1, 1, cv2.BORDER_WRAP)
    height, width = a.shape
    for top in range(0, height, STRIP_PX):
        bottom = min(height, top + STRIP_PX)
        low, high = max(0, top - reach), min(height, bottom + reach)
        inner = slice(top - low, bottom - low)
        for dy in (0, 1, 2):
            for dx in (0, 1, 2):
                square = cv2.subtract(a[low:high], far[low + dy : high + dy, dx : dx + width])
                cv2.multiply(square, square, dst=square)
                for best, side in zip(least, sides, strict=True):
                    mean = cv2.boxFilter(square, -1, (side, side))[inner]
                    np.copyto(best[top:bottom], mean) if dy == dx == 0 else np.minimum(
                        best[top:bottom], mean, out=best[top:bottom]
                    )
    return least


def _slope(values: Plane) -> Plane:
    across = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=0.125)
    return plane(across**2 + down**2)


def _scale(least: Plane, energy: Plane, inked: Mask, blank: Mask) -> Scale:
    some = (slice(None, None, 3), slice(None, None, 3))
    inked, blank = inked[some], blank[some]
    noise = float(np.median(least[some][blank])) if int(blank.sum()) > 100 else 1e-4
    ratios = least[some][inked] / (energy[some][inked] + 0.002)
    return Scale(float(np.median(ratios)) if ratios.size > 50 else 0.1, noise)


def candidates(scores: Plane, least: float = CANDIDATE_SCORE) -> list[Candidate]:
    """Places above ``least``, the worst first; straight thin lines in the rim are no content."""
    return sorted(_blobs(scores, least), key=lambda each: -each.score)[:MAX_CANDIDATES]


def _blobs(scores: Plane, least: float) -> Iterator[Candidate]:
    side = pixels(MERGE_MM) | 1
    near = cv2.dilate((scores > least).astype(np.uint8), np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    unit = 25.4 / WORKING_DPI
    for index in range(1, count):
        x, y, width, height = (int(value) for value in stats[index, :4])
        here = labels[y : y + height, x : x + width] == index
        if max(width, height) * unit > 8 and _line(here, (x, y), scores.shape):
            continue
        score = float(scores[y : y + height, x : x + width][here].max())
        yield Candidate(score, x * unit, y * unit, (x + width) * unit, (y + height) * unit)


def _line(here: Mask, corner: tuple[int, int], page: tuple[int, ...]) -> bool:
    """The paper's edge or its shadow: straight, thin and long, and lying in the rim.

    A line that only ends in the rim, or crosses the page, is content: pale creases were taken out before.
    """
    unit = 25.4 / WORKING_DPI
    rows, columns = np.nonzero(here)
    _, sides, _ = cv2.minAreaRect(np.stack([columns, rows], -1).astype(np.float32))
    long, short = max(sides) * unit, min(sides) * unit
    x, y = corner
    height, width = here.shape
    away = min(y, page[0] - y - height) if width >= height else min(x, page[1] - x - width)
    return short < THIN_MM and away * unit < RIM_MM and long > 8 and long > 5 * short
