"""What differs but is no ink of the text: dust, a crease, a streak. Judged on an aligned neighbourhood of a candidate.

A tone mark is smaller than many a speck is wide, so size alone does not tell them apart. Dust is one round spot on one
side alone, of less ink than the dot below a letter of 11 points; a crease is a pale straight band.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.flattening import MM_PER_INCH, WORKING_DPI, Mask, Plane, plane

PER_MM = WORKING_DPI / MM_PER_INCH
DIFFERS = 0.1
"""Density by which a pixel differs."""
DUST_MASS = 0.082
"""mm² of full ink. The dot below of Tinos 11 pt has 0.09 to 0.13, dust of 0.35 mm up to 0.075."""
DUST_SPREAD_MM = 0.155
"""Standard deviation along the longer axis."""
TINY_MASS = 0.03
"""A spot of a few pixels has no shape to speak of."""
DUST_LENGTH = 1.6
"""Times its width; a tone mark or the bar of Đ is longer."""
OTHER_MASS = 0.014
"""What may differ beside it, the other way round: a tone mark that was exchanged leaves one and takes another."""
NOISE_DENSITY = 0.2
"""Spots below it beside a speck are noise."""
SHADE_DENSITY = 0.5
"""Of the page's usual ink."""
SHADE_LENGTH_MM = 1.5
SHADE_WIDTH_MM = 3.0
SHADE_TIMES = 1.7
LEAST_MASS = 0.03


@dataclass(frozen=True)
class Spot:
    """A connected place where one side has more ink: mm² of full ink, highest density, axes in mm."""

    mass: float
    peak: float
    narrow: float
    wide: float
    where: Mask


def dust(original: Plane, copy: Plane) -> bool:
    """Is all that differs one small round spot that only one side shows."""
    more, less = spots(plane(copy - original)), spots(plane(original - copy))
    if not more and not less:
        return False
    ours, theirs = (more, less) if _heaviest(more) >= _heaviest(less) else (less, more)
    first, *rest = sorted(ours, key=lambda spot: -spot.mass)
    beside = [sum(spot.mass for spot in spots_ if spot.peak > NOISE_DENSITY) for spots_ in (rest, theirs)]
    slender = first.mass > TINY_MASS and first.wide > DUST_LENGTH * first.narrow
    round_ = first.wide <= DUST_SPREAD_MM and not slender
    return round_ and first.mass < DUST_MASS and max(beside) < OTHER_MASS


def shade(original: Plane, copy: Plane, usual_ink: float) -> bool:
    """Is all that differs pale straight bands (a crease, dirt on the feeder's glass) that only one side shows."""
    kernel = np.ones((3, 3), np.uint8)
    more, less = (
        [spot for spot in spots(plane(a - cv2.dilate(b, kernel))) if spot.mass >= LEAST_MASS]
        for a, b in ((copy, original), (original, copy))
    )
    if bool(more) == bool(less):
        return False
    found = more or less
    return all(spot.peak < SHADE_DENSITY * usual_ink for spot in found) and all(map(_band, found))


def spots(excess: Plane) -> list[Spot]:
    """The connected places above ``DIFFERS``."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((excess > DIFFERS).astype(np.uint8), connectivity=8)
    found = []
    for index in range(1, count):
        x, y, width, height = (int(value) for value in stats[index, :4])
        part = excess[y : y + height, x : x + width]
        here = np.asarray(labels[y : y + height, x : x + width] == index)
        narrow, wide = _axes(part, here)
        found.append(Spot(float(part[here].sum()) / PER_MM**2, float(part[here].max()), narrow, wide, here))
    return found


def _heaviest(found: list[Spot]) -> float:
    return max((spot.mass for spot in found), default=0.0)


def _axes(part: Plane, here: Mask) -> tuple[float, float]:
    """Standard deviations of the ink along its axes, mm; a pixel counts as a square."""
    rows, columns = np.nonzero(here)
    if len(rows) < 2:
        return 0.05, 0.05
    spread = np.cov(np.stack([rows, columns]), aweights=part[here], ddof=0) + np.eye(2) / 12
    narrow, wide = np.sqrt(np.linalg.eigvalsh(spread)) / PER_MM
    return float(narrow), float(wide)


def _band(spot: Spot) -> bool:
    rows, columns = np.nonzero(spot.where)
    _, sides, _ = cv2.minAreaRect(np.stack([columns, rows], -1).astype(np.float32))
    long, short = (max(sides) + 1) / PER_MM, (min(sides) + 1) / PER_MM
    return long >= SHADE_LENGTH_MM and short <= SHADE_WIDTH_MM and long >= SHADE_TIMES * short
