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
PALE = 0.1
"""The same of pale strokes, where coloured ink is known to be."""
PAPER_PERCENTILE = 80
INKED = 0.2
BLACK = 110
"""Of 255: darker in all channels and without colour is black ink."""
LEAST_MM2 = 12.0
"""Of coloured pixels in one place: the letters of a seal, not a speck."""
LEAST_SEEN_MM2 = 2.0
"""Of coloured ink on a page that was captured in colour: a thin signature is enough."""
NEAR_MM = 2.0
PAPER_MM = 12.0


@dataclass(frozen=True)
class Colours:
    """A page at a quarter of the working resolution: its picture, how coloured and how dark each place is."""

    small: Picture
    chroma: Plane
    ink: Plane

    @property
    def seen(self) -> bool:
        """Does the page show coloured ink anywhere; a grey photocopy shows none."""
        return _area((self.chroma > COLOURED) & (self.ink > INKED)) >= LEAST_SEEN_MM2


def colours_of(picture: Picture) -> Colours:
    """The colours of a page at the working resolution."""
    small = cv2.resize(picture, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA)
    return _colours(np.asarray(small, np.uint8))


def one_sided(copy: Picture, original: Picture, seen: tuple[bool, bool], field: Field) -> Mask | None:
    """Coloured ink, in the original's pixels, of a pair of which one side was captured in grey throughout; else None.

    How dark a copier prints a red seal or a blue signature says nothing of how dark it prints black. ``seen``: whether
    copy and original show colour (``Colours.seen``).
    """
    if seen[0] == seen[1]:
        return None
    if seen[1]:
        return _coloured(original)
    mask = _coloured(copy).astype(np.uint8)
    return np.asarray(cv2.remap(mask, field[0], field[1], cv2.INTER_NEAREST) > 0)


def _coloured(picture: Picture) -> Mask:
    """The pixels of coloured ink with those next to them, without black ink."""
    white = np.percentile(picture[::8, ::8].reshape(-1, 3), PAPER_PERCENTILE, axis=0)
    red, green, blue = (
        cv2.convertScaleAbs(channel, alpha=float(255 / max(30.0, level)))
        for channel, level in zip(cv2.split(picture), white, strict=True)
    )
    highest, lowest = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    chroma = cv2.GaussianBlur(cv2.subtract(highest, lowest), (0, 0), 1.0)
    near = cv2.dilate((chroma > PALE * 255).astype(np.uint8), np.ones((5, 5), np.uint8))
    black = (chroma < COLOURLESS * 255) & (highest < BLACK)
    return np.asarray((near > 0) & ~black)


def recoloured(copy: Colours, original: Colours, field: Field, valid: Mask) -> list[Region]:
    """Places that both show in ink, coloured on one side alone; none where one of the captures is grey throughout."""
    if not original.seen or not copy.seen:
        return []
    size = (original.small.shape[1], original.small.shape[0])
    x, y = (plane(cv2.resize(axis, size, interpolation=cv2.INTER_AREA)) / COARSE for axis in field)
    after = np.asarray(cv2.remap(copy.small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    both = cv2.resize(valid.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    a, b = original, _colours(after)
    both = both & (a.ink > INKED) & (b.ink > INKED)
    lost = (a.chroma > COLOURED) & (b.chroma < COLOURLESS)
    gained = (b.chroma > COLOURED) & (a.chroma < COLOURLESS)
    return _regions(both & (lost | gained))


def _colours(small: Picture) -> Colours:
    side = round(PAPER_MM * PER_MM) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    shares = np.clip(small / np.maximum(cv2.blur(paper, (side, side)), 30).astype(np.float32), 0, 1)
    highest, lowest = plane(shares.max(axis=2)), plane(shares.min(axis=2))
    return Colours(small, blurred(plane(highest - lowest), 0.7), plane(1 - lowest))


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
