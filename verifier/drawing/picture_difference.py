"""Where two pictures of a page differ, as pixels and as boxes, and what of one the other hides.

PDFium draws the same content the same way, so a difference of two pictures is a difference of content; the small
tolerance is for edges that a transparency group blends otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.drawing.rendering import Box, Picture, RenderedDocument, Window, comparison_scale

MAX_COMPARED_PAGES = 100
CHANNEL_TOLERANCE = 20
"""Levels of 255 by which one colour channel may differ."""
CELL = 8
"""Side in pixels of the cells in which differing pixels are gathered to boxes."""
EDGE = 32
"""Levels of 255 in lightness from one pixel to the next that make a mark."""


@dataclass(frozen=True)
class PageDifference:
    """Where one page shows something else; ``page`` counts from 0, no boxes where it looks the same."""

    page: int
    boxes: tuple[Box, ...]


def compare_revisions(data: bytes, revision_end: int, password: str | None = None) -> list[PageDifference]:
    """The pages of the viewed file against the revision that ends at byte ``revision_end``.

    A page that only one of them has is one box over the whole page. For the officer's two pictures side by side; pages
    after ``MAX_COMPARED_PAGES`` are left out.

    Raises:
        RenderingError: PDFium cannot open one of them.
    """
    with RenderedDocument(data, revision_end, password) as signed, RenderedDocument(data, None, password) as viewed:
        pages = min(max(signed.page_count, viewed.page_count), MAX_COMPARED_PAGES)
        return [PageDifference(index, boxes_of(page_mask(signed, viewed, index))) for index in range(pages)]


def page_mask(signed: RenderedDocument, viewed: RenderedDocument, index: int) -> NDArray[np.bool_]:
    """The differing pixels of one page; everything where only one document has it or its size changed.

    Raises:
        RenderingError: the page cannot be drawn in one of them only.
    """
    pictures = page_pictures(signed, viewed, index)
    if pictures is None:
        return np.ones((CELL, CELL), dtype=bool)
    return differing_pixels(*pictures)


def page_pictures(signed: RenderedDocument, viewed: RenderedDocument, index: int) -> tuple[Picture, Picture] | None:
    """The page from both, at one scale; None where they cannot be laid over each other.

    Raises:
        RenderingError: the page cannot be drawn.
    """
    if index >= min(signed.page_count, viewed.page_count):
        return None
    size = signed.page_size(index)
    if any(abs(a - b) > 0.5 for a, b in zip(size, viewed.page_size(index), strict=True)):
        return None
    scale = comparison_scale(size)
    before, after = signed.picture(index, scale), viewed.picture(index, scale)
    return None if before.shape != after.shape else (before, after)


def differing_pixels(signed: Picture, viewed: Picture) -> NDArray[np.bool_]:
    """The pixels at which two pictures of equal size show something else."""
    different = np.zeros(signed.shape[:2], dtype=bool)
    rows = np.flatnonzero((signed != viewed).reshape(len(signed), -1).any(axis=1))
    if rows.size:  # most pages differ in a few rows, or in none: the rest is not looked at twice
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        apart = np.maximum(signed[part], viewed[part]) - np.minimum(signed[part], viewed[part])
        red, green, blue = (apart[:, :, channel] for channel in range(3))
        different[part] = np.maximum(np.maximum(red, green), blue) > CHANNEL_TOLERANCE
    return different


def marks(picture: Picture) -> NDArray[np.bool_]:
    """The pixels at the edges of letters and lines, whatever their colour."""
    return _edges(picture) > EDGE


def lost_marks(before: Picture, after: Picture) -> NDArray[np.bool_]:
    """The marks of the first picture of which the second shows nothing: something lies over them."""
    return marks(before) & (_widened(_edges(after)) <= EDGE // 2)


def _edges(picture: Picture) -> NDArray[np.int16]:
    """How much the lightness of each pixel differs from its neighbours to the right and below."""
    red, green, blue = (picture[:, :, channel].astype(np.int16) for channel in range(3))
    lightness = (red * 3 + green * 6 + blue) // 10
    found = np.zeros_like(lightness)
    found[:, :-1] = np.abs(lightness[:, 1:] - lightness[:, :-1])
    found[:-1] = np.maximum(found[:-1], np.abs(lightness[1:] - lightness[:-1]))
    return found


def _widened(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """The largest value of each pixel and its eight neighbours."""
    height, width = values.shape
    padded = np.pad(values, 1)
    shifted = [padded[dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
    return np.asarray(np.maximum.reduce(shifted))


def without_boxes(mask: NDArray[np.bool_], boxes: tuple[Box, ...], margin: int = 2) -> NDArray[np.bool_]:
    """The mask with the boxes (and ``margin`` pixels around them) cleared."""
    kept = mask.copy()
    for box in boxes:
        kept[slices_of(mask.shape, box, margin)] = False
    return kept


def boxes_of(mask: NDArray[np.bool_]) -> tuple[Box, ...]:
    """Gather the set pixels to boxes: touching cells of ``CELL`` pixels make one box."""
    height, width = mask.shape
    rows, columns = -(-height // CELL), -(-width // CELL)
    padded = np.zeros((rows * CELL, columns * CELL), dtype=bool)
    padded[:height, :width] = mask
    strips = padded.view(np.uint8).reshape(rows, CELL, columns * CELL).max(axis=1)
    cells = strips.reshape(rows, columns, CELL).max(axis=2)
    boxes = []
    for left, top, across, down, _ in cv2.connectedComponentsWithStats(cells, connectivity=8)[2][1:].tolist():
        right, bottom = left + across, top + down
        part = padded[top * CELL : bottom * CELL, left * CELL : right * CELL]
        filled_rows, filled_columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        boxes.append(
            (
                (left * CELL + int(filled_columns[0])) / width,
                (top * CELL + int(filled_rows[0])) / height,
                (left * CELL + int(filled_columns[-1]) + 1) / width,
                (top * CELL + int(filled_rows[-1]) + 1) / height,
            )
        )
    return tuple(sorted(boxes, key=lambda box: (box[1], box[0])))


def slices_of(shape: tuple[int, ...], box: Box, margin: int = 0) -> Window:
    """The rows and columns of a picture of this shape that a box takes up, and ``margin`` pixels around it."""
    height, width = shape[0], shape[1]
    left, top, right, bottom = box
    return (
        slice(max(0, math.floor(top * height) - margin), max(0, math.ceil(bottom * height) + margin)),
        slice(max(0, math.floor(left * width) - margin), max(0, math.ceil(right * width) + margin)),
    )


def window_around(windows: Sequence[Window]) -> Window:
    """The smallest window that holds all of these; there is at least one."""
    rows, columns = ([window[axis] for window in windows] for axis in (0, 1))
    top, left = (min(part.start for part in parts) for parts in (rows, columns))
    bottom, right = (max(part.stop for part in parts) for parts in (rows, columns))
    return slice(top, bottom), slice(left, right)


def grown_window(window: Window, margin: int) -> Window:
    """The window with so many rows and columns around it as there are."""
    rows, columns = (slice(max(0, part.start - margin), part.stop + margin) for part in window)
    return rows, columns
