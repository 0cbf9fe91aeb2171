"""Heads and signature blocks of a scan, where no text can be read: by the shapes of their words and lines.

NĐ 30/2020 sets heads in Times: "Số: …/…" upright, "…, ngày … tháng … năm …" slanted. Their words are looked for beside
new digits, from pictures of them (``words/``, drawn with Tinos, capitals 40 pixels high).
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from verifier.drawing.placed.heads import BlankKind
from verifier.drawing.placed.lines import Letters
from verifier.drawing.placed.marks import PixelBox

AROUND = {BlankKind.NUMBER: ("so", "slash"), BlankKind.DAY: ("ngay", "thang"), BlankKind.MONTH: ("thang", "nam")}
"""The word before a blank, and the one after it."""
CAPITALS = 40
"""Pixels of the capitals in the pictures of words."""
LIKENESS = 0.62
"""Correlation from which a word is there; scans of other printers of the same letters reach 0.7 and more."""
SCALES = tuple(0.7 + 0.04 * step for step in range(18))
"""Heights of the line's capitals in those of the new digit."""
REACH = 5.5
"""Heights of the digit to each side in which the words are looked for."""
SAME_SCALE = 0.15
FOOT = 0.4
"""Heights of the digit by which the feet of the words and of the digit may differ."""

TITLE_WIDTH = 0.5
"""Of the page's width that a title or a name takes up at most."""
SIGNING_ROOM = (2.2, 16.0)
"""Text heights between a title and the name below it."""
HEADING_GAP = 1.4
"""Text heights between the lines of one heading."""
CENTRED = 3.0
"""Text heights by which their middles may differ."""


@dataclass(frozen=True)
class _Seen:
    """A word that was found: its box in the window, and the height of its capitals, in pixels."""

    box: PixelBox
    capitals: float


def blank_around(signed: NDArray[np.uint8], digit: PixelBox) -> tuple[BlankKind, PixelBox] | None:
    """Which blank of a head a new digit stands in, by the words on both sides in the signed picture's ink."""
    tall = digit.height
    rows = slice(max(0, int(digit.top - tall)), int(digit.bottom + tall))
    left = slice(max(0, int(digit.left - REACH * tall)), int(digit.left + 0.3 * tall))
    right = slice(max(0, int(digit.right - 0.3 * tall)), int(digit.right + REACH * tall))
    for kind, (before, after) in AROUND.items():
        first = _find(signed, before, rows, left, tall)
        second = None if first is None else _find(signed, after, rows, right, tall)
        if first is None or second is None or abs(first.capitals - second.capitals) > SAME_SCALE * first.capitals:
            continue
        if first.box.right <= digit.left + 2 and digit.right <= second.box.left + 2:
            return kind, PixelBox(first.box.right, digit.top, second.box.left, digit.bottom)
    return None


def _find(signed: NDArray[np.uint8], word: str, rows: slice, columns: slice, tall: int) -> _Seen | None:
    """The likeliest place of a word in a part of the window."""
    part = signed[rows, columns]
    found: tuple[float, _Seen] | None = None
    for factor in SCALES:
        picture = _word(word)
        size = factor * tall / CAPITALS
        wanted = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
        if wanted.shape[0] > part.shape[0] or wanted.shape[1] > part.shape[1]:
            continue
        _, likeness, _, place = cv2.minMaxLoc(cv2.matchTemplate(part, wanted, cv2.TM_CCOEFF_NORMED))
        if likeness > LIKENESS and (found is None or likeness > found[0]):
            box = PixelBox(
                columns.start + place[0],
                rows.start + place[1],
                columns.start + place[0] + wanted.shape[1],
                rows.start + place[1] + wanted.shape[0],
            )
            found = likeness, _Seen(box, factor * tall)
    return None if found is None else found[1]


@functools.cache
def _word(name: str) -> NDArray[np.uint8]:
    data = Path(__file__).with_name("words").joinpath(f"{name}.png").read_bytes()
    return np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def blocks_by_shape(letters: Letters, width: int) -> Iterator[PixelBox]:
    """A short line, room to sign, and a short line below on the same middle, with no text between them."""
    lines = list(_lines(letters))
    for title, tall in lines:
        if title.width > TITLE_WIDTH * width:
            continue
        for name, _ in lines:
            gap = name.top - title.bottom
            if name.width > TITLE_WIDTH * width or not SIGNING_ROOM[0] * tall <= gap <= SIGNING_ROOM[1] * tall:
                continue
            if abs(name.centre[0] - title.centre[0]) > CENTRED * tall:
                continue
            room = PixelBox(min(title.left, name.left), title.bottom, max(title.right, name.right), name.top)
            if not any(other.meets(room) for other, _ in lines if other not in (title, name)):
                yield PixelBox(room.left, _top(title, tall, lines), room.right, name.bottom)


def _top(title: PixelBox, tall: float, lines: Sequence[tuple[PixelBox, float]]) -> int:
    """Where a heading of several lines begins: close above each other, on one middle."""
    top = title.top
    for line, _ in sorted(lines, key=lambda item: -item[0].top):
        if 0 <= top - line.bottom < HEADING_GAP * tall and abs(line.centre[0] - title.centre[0]) < CENTRED * tall:
            top = line.top
    return top


def _lines(letters: Letters) -> Iterator[tuple[PixelBox, float]]:
    """Pieces of lines of at least four letters, with the height of their capitals."""
    if not len(letters):
        return
    typical = float(np.median(letters.height))
    spread = cv2.dilate((letters.labels > 0).astype(np.uint8), np.ones((1, max(1, round(1.2 * typical)) | 1), np.uint8))
    _, labels = cv2.connectedComponents(spread, connectivity=8)
    middles = ((letters.top + letters.bottom) / 2).astype(int), ((letters.left + letters.right) / 2).astype(int)
    groups = labels[middles]
    for group in np.unique(groups[groups > 0]):
        members = np.flatnonzero(groups == group)
        if len(members) >= 4:
            yield (
                PixelBox(
                    int(letters.left[members].min()),
                    int(letters.head[members].min()),
                    int(letters.right[members].max()),
                    int(np.median(letters.foot[members])),
                ),
                float(np.median(letters.height[members])),
            )
