"""New ink as marks: connected strokes, and round or framed seals with what is in them.

A mark is what one would point at: a digit, a stroke of handwriting, a seal. A closed ring and its content are one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.placed.ink import STRONG, Ink, Mask

BRIDGE = 3
"""Side of the square that joins pixels of one stroke across a gap of antialiasing."""
ROUND = 0.09
"""By which the area inside a ring may differ from an ellipse's."""
FRAMED = 0.93
"""Of its box that a rectangular frame takes up with what is inside."""
DISC_PIXELS = 60
"""Side of the small picture in which a disc is looked for."""
DISC_SHARE = 0.45
"""Of the smaller side of a seal with a signature across it: no stroke or loop by hand is as wide."""
RING_SHARE = 0.85
"""Of a disc's edge that shows ink."""
MIN_PIXELS = 4
"""New pixels that are a mark: a point of 6 pt type has more at 200 dpi."""


@dataclass(frozen=True)
class PixelBox:
    """Columns and rows of a window, the last ones excluded."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """In pixels."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Column and row of its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns of a window."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def holds(self, point: tuple[float, float], margin: float = 0) -> bool:
        """Whether a point lies inside, or so near."""
        return (
            self.left - margin <= point[0] <= self.right + margin
            and self.top - margin <= point[1] <= self.bottom + margin
        )

    def meets(self, other: PixelBox, margin: float = 0) -> bool:
        """Whether the boxes overlap, or stand so near."""
        return (
            self.left < other.right + margin
            and other.left < self.right + margin
            and self.top < other.bottom + margin
            and other.top < self.bottom + margin
        )


@dataclass(frozen=True)
class Mark:
    """A connected piece of new ink, or a seal; ``pixels`` is its ink within ``box``."""

    box: PixelBox
    pixels: Mask
    framed: tuple[PixelBox, ...] = ()
    """What stands inside a rectangular frame; a round seal's content is not told apart."""


def marks_of(ink: Ink) -> list[Mark]:
    """The new ink of a window as marks, from top to bottom."""
    if not ink.added.any():
        return []
    joined = cv2.dilate(ink.added.astype(np.uint8), np.ones((BRIDGE, BRIDGE), np.uint8))
    count, numbered, measured, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    labels, stats = np.asarray(numbered, dtype=np.int32), np.asarray(measured, dtype=np.int32)
    boxes = [_box(stats[number]) for number in range(count)]
    sizes = np.bincount(labels[ink.added], minlength=count)
    there = [number for number in range(1, count) if sizes[number] >= MIN_PIXELS]
    rings: dict[int, tuple[Mask, bool]] = {}
    inside: dict[int, list[int]] = {}
    held: set[int] = set()
    for number in sorted(there, key=lambda one: -boxes[one].width):
        ring = None if number in held else _ring(labels, number, boxes[number], ink)
        if ring is not None:
            rings[number] = ring
            inside[number] = [
                n for n in there if n != number and n not in held and _within(boxes[n], boxes[number], ring[0])
            ]
            held.update(inside[number])
    marks = []
    for number in there:
        if number not in held:
            members = [number, *inside.get(number, ())]
            box = boxes[number]
            pixels = np.isin(labels[box.part], members) & ink.added[box.part]
            framed = () if number not in rings or rings[number][1] else tuple(boxes[n] for n in inside.get(number, ()))
            marks.append(Mark(box, pixels, framed))
    return sorted(marks, key=lambda mark: (mark.box.top, mark.box.left))


def _box(row: NDArray[np.int32]) -> PixelBox:
    left, top = int(row[cv2.CC_STAT_LEFT]), int(row[cv2.CC_STAT_TOP])
    return PixelBox(left, top, left + int(row[cv2.CC_STAT_WIDTH]), top + int(row[cv2.CC_STAT_HEIGHT]))


def _ring(labels: NDArray[np.int32], number: int, box: PixelBox, ink: Ink) -> tuple[Mask, bool] | None:
    """The area inside a closed ring of ink that is plainly seen, and whether it is round; None where it is none."""
    if min(box.width, box.height) < 12:
        return None
    own = labels[box.part] == number
    strokes = own & ink.added[box.part]
    if float(np.median(ink.strength[box.part][strokes])) < STRONG:
        return None
    contours, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(own.shape, np.uint8)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    area, whole = int(filled.sum()), box.width * box.height
    if int(own.sum()) > 0.7 * area:
        return None
    if abs(area / whole - np.pi / 4) < ROUND * np.pi / 4:
        return filled > 0, True
    if area > FRAMED * whole:
        return filled > 0, False
    disc = _disc_in(filled, own)
    return None if disc is None else (disc, True)


def _disc_in(filled: NDArray[np.uint8], own: Mask) -> Mask | None:
    """The disc of a seal whose ring a signature by hand crosses: what is left without the strokes that reach out."""
    shrink = max(1, min(filled.shape) // DISC_PIXELS)
    small = np.ascontiguousarray(filled[::shrink, ::shrink])
    side = max(3, round(DISC_SHARE * min(small.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    bare = cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    opened = cv2.morphologyEx(bare, cv2.MORPH_OPEN, kernel)[1:-1, 1:-1]
    rows, columns = np.flatnonzero(opened.any(axis=1)), np.flatnonzero(opened.any(axis=0))
    if not rows.size:
        return None
    high, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    is_disc = abs(int(opened.sum()) / (high * wide) - np.pi / 4) < ROUND * np.pi / 4 and 0.8 <= wide / high <= 1.25
    edge = np.asarray(cv2.morphologyEx(opened, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), dtype=bool)
    strokes = cv2.resize(own.astype(np.uint8), (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    inked = cv2.dilate(np.maximum(strokes, own[::shrink, ::shrink].astype(np.uint8)), np.ones((5, 5), np.uint8))
    if not is_disc or float((inked[edge] > 0).mean()) < RING_SHARE:
        return None
    disc = cv2.resize(opened, (filled.shape[1], filled.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(disc > 0)


def _within(box: PixelBox, ring: PixelBox, filled: Mask) -> bool:
    if not (ring.left <= box.left and box.right <= ring.right and ring.top <= box.top and box.bottom <= ring.bottom):
        return False
    column, row = box.centre
    return bool(filled[int(row) - ring.top, int(column) - ring.left])
