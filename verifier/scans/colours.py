"""A look in colour: a seal that is red on one paper and grey on the other, though both were captured in colour.

The comparison itself works on lightness, where a black print of a red seal may look the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.flattening import MM_PER_INCH, WORKING_DPI, Mask, Picture, Plane, blurred, plane
from verifier.scans.gate import Region
from verifier.scans.registration import Field

COARSE = 4
PER_MM = WORKING_DPI / MM_PER_INCH / COARSE
COLOURED, COLOURLESS = 0.2, 0.09
"""Of ink: the highest of the three channels less the lowest, each in shares of the paper's."""
INKED = 0.2
LEAST_MM2 = 12.0
"""Of coloured pixels in one place: the letters of a seal, not a speck."""
LEAST_SEEN_MM2 = 2.0
"""Of coloured ink on a page that was captured in colour: a thin signature is enough."""
NEAR_MM = 2.0
PAPER_MM = 12.0


@dataclass(frozen=True)
class _Colours:
    """How coloured and how dark each place is."""

    chroma: Plane
    ink: Plane


def has_colour(picture: Picture) -> bool:
    """Does the page show coloured ink anywhere; a grey photocopy shows none."""
    return _seen(_colours(_small(picture)))


def _seen(colours: _Colours) -> bool:
    return _area((colours.chroma > COLOURED) & (colours.ink > INKED)) >= LEAST_SEEN_MM2


def recoloured(copy: Picture, original: Picture, field: Field, valid: Mask) -> list[Region]:
    """Places that both show in ink, coloured on one side alone; none where one of the captures is grey throughout."""
    before, shown = _small(original), _small(copy)
    a = _colours(before)
    if not _seen(a) or not _seen(_colours(shown)):
        return []
    size = (before.shape[1], before.shape[0])
    x, y = (plane(cv2.resize(axis, size, interpolation=cv2.INTER_AREA)) / COARSE for axis in field)
    after = np.asarray(cv2.remap(shown, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    both = cv2.resize(valid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    b = _colours(after)
    both = both & (a.ink > INKED) & (b.ink > INKED)
    lost = (a.chroma > COLOURED) & (b.chroma < COLOURLESS)
    gained = (b.chroma > COLOURED) & (a.chroma < COLOURLESS)
    return _regions(both & (lost | gained))


def _small(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA), np.uint8)


def _colours(small: Picture) -> _Colours:
    side = round(PAPER_MM * PER_MM) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    shares = np.clip(small / np.maximum(cv2.blur(paper, (side, side)), 30).astype(np.float32), 0, 1)
    highest, lowest = plane(shares.max(axis=2)), plane(shares.min(axis=2))
    return _Colours(blurred(plane(highest - lowest), 0.7), plane(1 - lowest))


def _area(where: Mask) -> float:
    return float(where.sum()) / PER_MM**2


def _regions(where: Mask) -> list[Region]:
    side = round(NEAR_MM * PER_MM) | 1
    near = cv2.dilate(where.astype(np.uint8), np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    found = []
    for index in range(1, count):
        x, y, width, height = (int(value) for value in stats[index, :4])
        if _area(where[y : y + height, x : x + width] & (labels[y : y + height, x : x + width] == index)) >= LEAST_MM2:
            found.append((x / PER_MM, y / PER_MM, (x + width) / PER_MM, (y + height) / PER_MM))
    return found
