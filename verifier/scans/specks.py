"""What differs but is no ink of the text: dust, a crease, a streak. Judged on an aligned neighbourhood of a candidate.

A tone mark is smaller than many a speck is wide, so size alone does not tell them apart. Dust is one round spot on one
side alone, of less ink than the dots that the page itself prints there (``dots_of``), or, where it prints none, than
the dot below a letter of 11 points; a crease is a pale straight band.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.flattening import MM_PER_INCH, WORKING_DPI, Mask, Plane, plane

PER_MM = WORKING_DPI / MM_PER_INCH
DIFFERS = 0.1
"""Density by which a pixel differs."""
DUST_MASS = 0.082
"""mm² of full ink. The dot below of Tinos 11 pt has 0.09 to 0.13, dust of 0.35 mm up to 0.095."""
MOST_DUST_MASS = 0.14
DOT_SHARE, DOT_SHARE_BESIDE = 0.75, 0.6
"""Of the ink of the page's own dots: what has less is none. The second where a mark can stand; (11/13)² is 0.72."""
BESIDE_MM = 1.2
"""From a letter's ink to the middle of its dot: at most 1.07 mm in Tinos of 16 pt."""
DOT_MM = (0.25, 1.0)
LEAST_DOTS, NEAREST_DOTS = 8, 5
DOT_SIZE_SHARE = 0.72
"""The same of a dot's size (``Spot.size``): toner is darker than print, so a small speck has the ink of a larger dot.
Forged dots of 11 points had 0.84 and more (80 pairs, all captures), the specks of copiers 0.68 and less."""
DUST_SPREAD_MM = 0.155
"""Standard deviation along the longer axis, of dust of ``DUST_MASS``."""
TINY_MASS = 0.03
"""A spot of a few pixels has no shape to speak of."""
MARK_MASS, MARK_DENSITY = 0.04, 0.4
"""mm² of full ink, and shares of the page's usual ink: noise on 106 genuine pages reached 0.3 in small places."""
STROKE = 0.3
DUST_LENGTH = 1.6
"""Times its width; a tone mark or the bar of Đ is longer."""
OTHER_MASS = 0.014
"""What may differ beside it, the other way round: a tone mark that was exchanged leaves one and takes another."""
NOISE_DENSITY = 0.2
"""Spots below it beside a speck are noise."""
SHADE_DENSITY = 0.5
"""Of the page's usual ink."""
SHADE_LENGTH_MM = 1.5
SHADE_ALONE_MM = 4.0
SHADE_WIDTH_MM = 3.0
SHADE_TIMES = 1.7
LEAST_MASS = 0.03


@dataclass(frozen=True)
class Spot:
    """A connected place where one side has more ink: mm² of full ink, highest density, axes in mm.

    ``cut``: it goes on beyond the neighbourhood that was looked at.
    """

    mass: float
    peak: float
    narrow: float
    wide: float
    where: Mask
    cut: bool

    @property
    def size(self) -> float:
        """mm² that it would cover if it were as dark everywhere as in its middle."""
        return self.mass / self.peak


@dataclass(frozen=True)
class DustLimit:
    """What a speck may have at most, in one or the other: mm² of full ink, or size (``Spot.size``)."""

    mass: float = DUST_MASS
    size: float = 0.0


DUST_LIMIT = DustLimit()
"""Of a page that prints too few dots to say."""


@dataclass(frozen=True)
class Dots:
    """Full stops, dots of i and dots below that both sides show.

    Places (N × 2, mm), ink (N, mm² of full ink), and size (N, ``Spot.size``).
    """

    places: Plane
    masses: Plane
    sizes: Plane

    def limit(self, x: float, y: float, beside: bool) -> DustLimit:
        """What a speck at this place (mm) may have: less than the page's small dots, and than those nearby.

        ``beside``: so near to a letter that it could be its dot.
        """
        if len(self.masses) < LEAST_DOTS:
            return DUST_LIMIT
        nearest = np.argsort(np.hypot(self.places[:, 0] - x, self.places[:, 1] - y))[:NEAREST_DOTS]
        mass, size = (
            min(float(np.percentile(each, 10)), float(np.median(each[nearest]))) for each in (self.masses, self.sizes)
        )
        share = DOT_SHARE_BESIDE if beside else DOT_SHARE
        return DustLimit(min(MOST_DUST_MASS, max(DUST_MASS, share * mass)), DOT_SIZE_SHARE * size)


def dots_of(original: Plane, copy: Plane, valid: Mask) -> Dots:
    """The dots that the page prints, as both captures show them."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((original > DIFFERS).astype(np.uint8), connectivity=8)
    sides = stats[:, 2:4] / PER_MM
    places, masses, sizes = [], [], []
    for index in np.flatnonzero((sides.min(1) >= DOT_MM[0]) & (sides.max(1) <= DOT_MM[1])):
        x, y, width, height = (int(value) for value in stats[index, :4])
        box = (slice(y, y + height), slice(x, x + width))
        here = np.asarray(labels[box] == index)
        mass, other = (float(side[box][here].sum()) / PER_MM**2 for side in (original, copy))
        narrow, wide = _axes(original[box], here)
        if valid[box].all() and mass > TINY_MASS and other > mass / 2 and wide <= DUST_LENGTH * narrow:
            places.append((x / PER_MM, y / PER_MM))
            masses.append(mass)
            sizes.append(mass / float(original[box][here].max()))
    return Dots(plane(places).reshape(-1, 2), plane(masses), plane(sizes))


def beside_ink(original: Plane, copy: Plane, row: int, column: int) -> bool:
    """Does ink that both show lie so near to this pixel that a spot there could be a letter's dot or a full stop."""
    reach = round(BESIDE_MM * PER_MM)
    here = (slice(max(0, row - reach), row + reach + 1), slice(max(0, column - reach), column + reach + 1))
    rows, columns = np.nonzero(np.minimum(original[here], copy[here]) > STROKE)
    far = np.hypot(rows + here[0].start - row, columns + here[1].start - column)
    return bool((far <= reach).any())


def exchanged(original: Plane, copy: Plane, usual_ink: float) -> bool:
    """Is what differs a mark's worth of ink, as dark as a thin stroke, and no noise of edges."""
    least = MARK_DENSITY * usual_ink
    found = [*spots(plane(copy - original)), *spots(plane(original - copy))]
    return sum(spot.mass for spot in found if spot.peak > least) >= MARK_MASS


def dust(
    original: Plane, copy: Plane, most: DustLimit = DUST_LIMIT, lone: bool = False, per_mm: float = PER_MM
) -> bool:
    """Is all that differs one small round spot that only one side shows, of less ink or size than ``most``.

    ``lone``: no letter is near, so no mark either: then any shape is dust, and what a JPEG draws around it counts too.
    """
    more, less = spots(plane(copy - original), per_mm), spots(plane(original - copy), per_mm)
    if not more and not less:
        return False
    if lone and sum(spot.mass for spot in (*more, *less)) < most.mass:
        return True
    ours, theirs = (more, less) if _heaviest(more) >= _heaviest(less) else (less, more)
    first, *rest = sorted(ours, key=lambda spot: -spot.mass)
    beside = [sum(spot.mass for spot in spots_ if spot.peak > NOISE_DENSITY) for spots_ in (rest, theirs)]
    slender = first.mass > TINY_MASS and first.wide > DUST_LENGTH * first.narrow
    round_ = first.wide <= DUST_SPREAD_MM * math.sqrt(most.mass / DUST_MASS) and not slender
    small = first.mass < most.mass or first.size < most.size
    return round_ and small and max(beside) < OTHER_MASS


def shade(original: Plane, copy: Plane, usual_ink: float) -> bool:
    """Is all that differs pale straight bands (a crease, dirt on the feeder's glass) that only one side shows.

    One of them goes on beyond the neighbourhood, or is longer than a letter's mark: one below a seal is pale too.
    """
    kernel = np.ones((3, 3), np.uint8)
    more, less = (
        [spot for spot in spots(plane(a - cv2.dilate(b, kernel))) if spot.mass >= LEAST_MASS]
        for a, b in ((copy, original), (original, copy))
    )
    if bool(more) == bool(less):
        return False
    found = more or less
    if not any(spot.cut or _sides(spot)[0] >= SHADE_ALONE_MM for spot in found):
        return False
    return all(spot.peak < SHADE_DENSITY * usual_ink for spot in found) and all(map(_band, found))


def spots(excess: Plane, per_mm: float = PER_MM) -> list[Spot]:
    """The connected places above ``DIFFERS``; ``per_mm``: pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((excess > DIFFERS).astype(np.uint8), connectivity=8)
    found = []
    for index in range(1, count):
        x, y, width, height = (int(value) for value in stats[index, :4])
        part = excess[y : y + height, x : x + width]
        here = np.asarray(labels[y : y + height, x : x + width] == index)
        narrow, wide = _axes(part, here, per_mm)
        cut = x == 0 or y == 0 or x + width == excess.shape[1] or y + height == excess.shape[0]
        found.append(Spot(float(part[here].sum()) / per_mm**2, float(part[here].max()), narrow, wide, here, cut))
    return found


def _heaviest(found: list[Spot]) -> float:
    return max((spot.mass for spot in found), default=0.0)


def _axes(part: Plane, here: Mask, per_mm: float = PER_MM) -> tuple[float, float]:
    """Standard deviations of the ink along its axes, mm; a pixel counts as a square."""
    rows, columns = np.nonzero(here)
    if len(rows) < 2:
        return 0.05, 0.05
    spread = np.cov(np.stack([rows, columns]), aweights=part[here], ddof=0) + np.eye(2) / 12
    narrow, wide = np.sqrt(np.linalg.eigvalsh(spread)) / per_mm
    return float(narrow), float(wide)


def _sides(spot: Spot) -> tuple[float, float]:
    """The longer and the shorter side of the smallest rectangle around it, mm."""
    rows, columns = np.nonzero(spot.where)
    _, sides, _ = cv2.minAreaRect(np.stack([columns, rows], -1).astype(np.float32))
    return (max(sides) + 1) / PER_MM, (min(sides) + 1) / PER_MM


def _band(spot: Spot) -> bool:
    long, short = _sides(spot)
    return long >= SHADE_LENGTH_MM and short <= SHADE_WIDTH_MM and long >= SHADE_TIMES * short
