"""The signed text of a window as its ink shows it: letters that form lines, and the lines of tables.

By shape, whatever drew it: text, outlines, a scan. Letters have a character's size; long thin strokes are rulings.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.placed.ink import Mask
from verifier.drawing.placed.marks import PixelBox

RULING = 22.0
"""Points from which a straight thin stroke is a ruling."""
THIN = 3.0
"""Points that a ruling is thick at most."""
LETTER_HEIGHT = (2.4, 40.0)
"""Points: a small letter of 5 pt type, a capital of 56 pt type."""
LETTER_WIDTH = 12.0
"""Letter heights that letters set in one stroke are wide at most."""
ROW_HEIGHT = 130.0
"""Points of the highest row of a table: a cell for a signature and a seal."""
LONE_HEIGHT = 15.0
"""Points above which one that stands alone is no letter but a stroke of handwriting or a drawing."""
LONE_WIDTH = 3.0
"""Letter heights beyond which it is none either."""
LINE = 4
"""Letters of like size beside each other that make a line of whatever height."""
MAX_LETTERS = 6000
"""Of one window: more is a texture, of which no letter is told."""
NEIGHBOURS = 3.0
"""Text heights within which letters of one line tell its height and its foot."""


@dataclass(frozen=True)
class Letters:
    """Letters of a window as arrays, one entry each, in pixels: ``height`` is that of the line's capitals."""

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]
    height: NDArray[np.float64]
    head: NDArray[np.float64]
    """Where the capitals of its line end, above."""
    foot: NDArray[np.float64]
    """Where its line stands."""
    labels: NDArray[np.int32]
    """The window's pixels, each with its letter's number from 1, 0 where there is none."""

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Rulings:
    """Rows and columns of a table's lines in a window: masks of horizontal and vertical strokes."""

    across: Mask
    down: Mask

    def row(self, point: tuple[float, float], limit: float) -> tuple[int, int] | None:
        """The rows of the rulings above and below a point; None where there are none, or more than ``limit`` apart."""
        column, row = int(point[0]), int(point[1])
        if not (0 <= column < self.across.shape[1] and 0 <= row < self.across.shape[0]):
            return None
        above, below = np.flatnonzero(self.across[:row, column]), np.flatnonzero(self.across[row:, column])
        if not above.size or not below.size or row + below[0] - above[-1] > limit:
            return None
        return int(above[-1]), int(row + below[0])

    def extent(self, row: tuple[int, int], column: float) -> tuple[int, int]:
        """How far both rulings of a row go to the left and to the right of a column."""
        spans = [_run(np.asarray(self.across[max(0, y - 2) : y + 3].any(axis=0)), int(column)) for y in row]
        return max(span[0] for span in spans), min(span[1] for span in spans)

    def cell(self, row: tuple[int, int], column: float, extent: tuple[int, int]) -> PixelBox:
        """The cell of a row at a column: between the vertical rulings that cross the row's middle."""
        strokes = self.down[row[0] + 1 : row[1]].mean(axis=0) > 0.6 if row[1] - row[0] > 1 else np.zeros(0, bool)
        edges = np.flatnonzero(strokes)
        left = max((int(edge) for edge in edges if edge < column), default=extent[0])
        right = min((int(edge) for edge in edges if edge > column), default=extent[1])
        return PixelBox(max(left, extent[0]), row[0], min(right, extent[1]), row[1])


def rulings_of(traces: Mask, scale: float) -> Rulings:
    """The straight thin strokes of a picture, ``scale`` pixels a point."""
    ink = traces.astype(np.uint8)
    length, thin = max(3, round(RULING * scale)), max(2, round(THIN * scale))
    return Rulings(_straight(ink, (length, 1), thin), _straight(ink.T.copy(), (length, 1), thin).T)


def letters_of(signed: Mask, rulings: Rulings, scale: float) -> Letters:
    """The ink of a character's size, with the height and the foot of the line in which it stands."""
    ink = (signed & ~rulings.across & ~rulings.down).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top = stats[:, cv2.CC_STAT_LEFT].astype(float), stats[:, cv2.CC_STAT_TOP].astype(float)
    width, height = stats[:, cv2.CC_STAT_WIDTH].astype(float), stats[:, cv2.CC_STAT_HEIGHT].astype(float)
    low, high = (limit * scale for limit in LETTER_HEIGHT)
    fits = (height >= low) & (height <= high) & (width <= LETTER_WIDTH * height) & (width >= 0.04 * height)
    fits[0] = False
    kept = np.flatnonzero(fits)
    if len(kept) > MAX_LETTERS:
        kept = kept[np.argsort(-height[kept])[:MAX_LETTERS]]
    box = (left[kept], top[kept], left[kept] + width[kept], top[kept] + height[kept])
    tall, head, foot, company = _line_measures(*box)
    lone = (height[kept] > LONE_HEIGHT * scale) | (width[kept] > LONE_WIDTH * height[kept])
    text = ~lone | (company >= LINE)
    kept = kept[text]
    numbers = np.zeros(count, dtype=np.int32)
    numbers[kept] = np.arange(1, len(kept) + 1)
    sides = [side[text] for side in box]
    return Letters(sides[0], sides[1], sides[2], sides[3], tall[text], head[text], foot[text], numbers[labels])


_Numbers = NDArray[np.float64]


def _line_measures(
    left: _Numbers, top: _Numbers, right: _Numbers, bottom: _Numbers
) -> tuple[_Numbers, _Numbers, _Numbers, NDArray[np.int64]]:
    """For each letter the height of capitals, their top, the foot, and how many letters its line has around it."""
    tall, head, foot = bottom - top, top.copy(), bottom.copy()
    company = np.zeros(len(left), dtype=np.int64)
    own = bottom - top
    for number in range(len(left)):
        reach = NEIGHBOURS * max(own[number], 1)
        near = (left < right[number] + reach) & (right > left[number] - reach)
        overlap = np.minimum(bottom, bottom[number]) - np.maximum(top, top[number])
        near &= overlap > 0.5 * np.minimum(own, own[number])
        near &= (own < 2.2 * own[number]) & (own > 0.45 * own[number])
        feet, tops = np.sort(bottom[near]), np.sort(top[near])
        foot[number] = feet[len(feet) // 2]
        head[number] = tops[len(tops) // 6]
        tall[number] = max(foot[number] - head[number], 0.7 * own[number])
        company[number] = len(feet)
    return tall, head, foot, company


def _straight(ink: NDArray[np.uint8], size: tuple[int, int], thin: int) -> Mask:
    """Strokes as long as ``size`` and not thicker than ``thin``."""
    long = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((size[1], size[0]), np.uint8))
    thick = cv2.morphologyEx(long, cv2.MORPH_OPEN, np.ones((thin + 1, thin + 1), np.uint8))
    return np.asarray((long > 0) & (thick == 0))


def _run(filled: Mask, column: int, bridge: int = 3) -> tuple[int, int]:
    """The unbroken run of set columns around one, over gaps of a pixel or two."""
    gaps = np.flatnonzero(~cv2.dilate(filled.astype(np.uint8)[None, :], np.ones((1, bridge), np.uint8))[0].astype(bool))
    left = max((int(gap) + 1 for gap in gaps[gaps < column]), default=0)
    right = min((int(gap) for gap in gaps[gaps > column]), default=len(filled))
    return left, right
