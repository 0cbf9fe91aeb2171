"""One window of a page, drawn finely as it was signed and as it is seen: ink, letters, tables, new marks."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.picture_difference import boxes_of
from verifier.drawing.placed.heads import Blank, BlankKind
from verifier.drawing.placed.ink import FAINT, STRONG, Ink, Mask, contrast_of, ink_of
from verifier.drawing.placed.lines import ROW_HEIGHT, Letters, Rulings, letters_of, rulings_of
from verifier.drawing.placed.marks import Mark, PixelBox, marks_of
from verifier.drawing.placed.page import PlacedPage
from verifier.drawing.placed.scanned import blank_around, blocks_by_shape
from verifier.drawing.rendering import Box, Window

EDGE = 2.0
"""Points around a difference on blank ground: its strokes are whole."""
MARGIN = 48.0
"""Points above and below a difference that are looked at: the lines of a letter's largest text."""
ACROSS = 84.0
"""Points to the left and right of it: two heights of that text."""
BLOCK_REACH = 140.0
"""Points above and below a window in which the other end of a signature block is looked for on a scan."""
DIGIT_POINTS = (5.0, 20.0)
"""Height of a digit that a clerk writes."""
WORD_GAP = 0.3
"""Of the text height, within a word."""


class PlaceWindow:
    """A part of a page around what differs; boxes are in its pixels unless said otherwise."""

    def __init__(self, page: PlacedPage, part: Window) -> None:
        """Draw this part of both pages.

        Raises:
            RenderingError: PDFium cannot draw them.
        """
        self.page = page
        self.scale = page.fine
        self.part = part
        self.top, self.left = part[0].start, part[1].start
        self.height, self.width = (side.stop - side.start for side in part)
        before = page.signed.picture(page.index, page.fine, window=part)
        after = page.viewed.picture(page.index, page.fine, window=part)
        self.before = before
        self.ink: Ink = ink_of(before, after)

    @functools.cached_property
    def rulings(self) -> Rulings:
        """The lines of tables."""
        return rulings_of(self.ink.traces, self.scale)

    @functools.cached_property
    def letters(self) -> Letters:
        """The signed letters."""
        return letters_of(self.ink.signed, self.rulings, self.scale)

    @functools.cached_property
    def words(self) -> NDArray[np.int32]:
        """The pixels of signed letters, numbered by the word in which they stand."""
        letters = self.letters
        typical = float(np.median(letters.height)) if len(letters) else 1.0
        reach = max(1, round(WORD_GAP * typical))
        spread = cv2.dilate((letters.labels > 0).astype(np.uint8), np.ones((1, reach + 1), np.uint8))
        _, labels = cv2.connectedComponents(spread, connectivity=8)
        return np.asarray(np.where(letters.labels > 0, labels, 0), dtype=np.int32)

    @functools.cached_property
    def marks(self) -> list[Mark]:
        """The new ink."""
        return marks_of(self.ink)

    @functools.cached_property
    def shape_blocks(self) -> list[PixelBox]:
        """Signature blocks of a part that cannot be read, by the shape of their lines; they may reach out of it."""
        if self._is_read(PixelBox(0, 0, self.width, self.height)):
            return []
        page = self.page
        reach = round(BLOCK_REACH * self.scale)
        bottom = min(math.ceil(page.size[1] * self.scale), self.top + self.height + reach)
        rows = slice(max(0, self.top - reach), bottom)
        drawn = page.signed.picture(page.index, page.fine, window=(rows, self.part[1]))
        contrast = contrast_of(drawn)
        letters = letters_of(contrast > STRONG, rulings_of(contrast > FAINT, self.scale), self.scale)
        moved = rows.start - self.top
        return [
            PixelBox(box.left, box.top + moved, box.right, box.bottom + moved)
            for box in blocks_by_shape(letters, math.ceil(page.size[0] * self.scale))
        ]

    @functools.cached_property
    def shape_blanks(self) -> list[Blank]:
        """Blanks of an administrative head of a scan, by the shapes of its words around new digits."""
        contrast = contrast_of(self.before)
        found: list[tuple[BlankKind, PixelBox]] = []
        low, high = (height * self.scale for height in DIGIT_POINTS)
        for mark in self.marks:
            box = mark.box
            known = any(blank.holds(box.centre) for _, blank in found)
            if known or not low <= box.height <= high or box.width > 2 * box.height:
                continue
            around = PixelBox(box.left - 6 * box.height, box.top, box.right + 6 * box.height, box.bottom)
            seen = None if self._is_read(around) else blank_around(contrast, box)
            if seen is not None and not self._is_written(seen[1]):
                found.append(seen)
        return [Blank(kind, self.points(box), box.height / self.scale) for kind, box in found]

    def _is_read(self, part: PixelBox) -> bool:
        """Whether any text of the signed page is read in a part of the window."""
        return any(part.meets(self.pixels(piece.box)) for piece in self.page.pieces)

    def _is_written(self, blank: PixelBox) -> bool:
        letters = self.letters
        across, down = (letters.left + letters.right) / 2, (letters.top + letters.bottom) / 2
        inside = (across > blank.left) & (across < blank.right) & (down > blank.top) & (down < blank.bottom)
        return bool(inside.any())

    def points(self, box: PixelBox) -> Box:
        """A box of this window in points of the displayed page."""
        left, top, right, bottom = self.fractions(box)
        width, height = self.page.size
        return left * width, top * height, right * width, bottom * height

    def pixels(self, box: Box) -> PixelBox:
        """A box in points of the displayed page, in pixels of this window."""
        scale = self.scale
        return PixelBox(
            math.floor(box[0] * scale) - self.left,
            math.floor(box[1] * scale) - self.top,
            math.ceil(box[2] * scale) - self.left,
            math.ceil(box[3] * scale) - self.top,
        )

    def share(self, box: Box) -> PixelBox:
        """A box as fractions of the displayed page, in pixels of this window."""
        width, height = self.page.size
        return self.pixels((box[0] * width, box[1] * height, box[2] * width, box[3] * height))

    def fractions(self, box: PixelBox) -> Box:
        """A box of this window as fractions of the displayed page."""
        width, height = (side * self.scale for side in self.page.size)
        return (
            max(0.0, (box.left + self.left) / width),
            max(0.0, (box.top + self.top) / height),
            min(1.0, (box.right + self.left) / width),
            min(1.0, (box.bottom + self.top) / height),
        )

    def boxes(self, mask: Mask) -> tuple[Box, ...]:
        """The boxes of a mask's parts, as fractions of the displayed page."""
        return tuple(
            self.fractions(
                PixelBox(
                    math.floor(left * self.width),
                    math.floor(top * self.height),
                    math.ceil(right * self.width),
                    math.ceil(bottom * self.height),
                )
            )
            for left, top, right, bottom in boxes_of(mask)
        )


def windows_of(page: PlacedPage) -> list[PlaceWindow]:
    """Windows that hold what differs on a page with what stands around it; those that meet are one.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    regions: list[PixelBox] = []
    for box in boxes_of(page.mask):
        region = _reach(page, box)
        while meeting := [other for other in regions if other.meets(region)]:
            regions = [other for other in regions if other not in meeting]
            region = around([region, *meeting])
        regions.append(region)
    regions.sort(key=lambda region: (region.top, region.left))
    return [PlaceWindow(page, region.part) for region in regions if region.width > 0 and region.height > 0]


def _reach(page: PlacedPage, box: Box) -> PixelBox:
    """A difference with its neighbourhood in fine pixels: the lines around it, and in a table its row.

    Where nothing was signed around it, the difference alone.
    """
    across, down = (page.size[0], ROW_HEIGHT) if page.in_row(box) else (ACROSS, MARGIN)
    if page.is_blank(box, across, down):
        across = down = EDGE
    width, height = (math.ceil(side * page.fine) for side in page.size)
    return PixelBox(
        max(0, math.floor((box[0] * page.size[0] - across) * page.fine)),
        max(0, math.floor((box[1] * page.size[1] - down) * page.fine)),
        min(width, math.ceil((box[2] * page.size[0] + across) * page.fine)),
        min(height, math.ceil((box[3] * page.size[1] + down) * page.fine)),
    )


def around(boxes: Sequence[PixelBox]) -> PixelBox:
    """The box that holds these."""
    return PixelBox(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def place_of(window: PlaceWindow, mark: Mark, places: Sequence[PixelBox]) -> int | None:
    """The place in which a mark stands, the smallest one that holds its middle; else one that it touches."""
    centre = mark.box.centre
    holding = [number for number, box in enumerate(places) if box.holds(centre)]
    touching = [number for number, box in enumerate(places) if box.meets(mark.box)]
    candidates = holding or touching
    return min(candidates, key=lambda number: places[number].width * places[number].height, default=None)
