"""What the pages show: the signed revision beside the viewed file, page by page.

A difference counts unless it lies in a box where a permitted change may draw (an empty field filled, a new signature's
own field); there it may neither cover what was written nor uncover what had been covered (shadow attacks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.picture_difference import (
    PageDifference,
    boxes_of,
    differing_pixels,
    grown_window,
    lost_marks,
    marks,
    slices_of,
    window_around,
    without_boxes,
)
from verifier.drawing.rendering import (
    Box,
    Picture,
    Rectangle,
    RenderedDocument,
    RenderingError,
    comparison_scale,
)
from verifier.report import Finding, Severity

MIN_PIXELS = 2
"""Differing pixels of a page below which it looks the same."""
COVERED_MARKS_SHARE = 0.10
"""Of the marks in a field's box that a permitted change may cover: a seal lies over a line, not over a text."""
COVERED_MARKS_PIXELS = 40
MAX_FIELD_SHARE = 0.5
"""Of a page that the box of a permitted change may take up: a signature field over the page is another page."""
BARE_MARGIN = 64
"""Pixels drawn around what is looked at: letters that reach over a picture's edge are set otherwise."""
WHOLE_PAGE: Box = (0.0, 0.0, 1.0, 1.0)


class Pictures:
    """The viewed file's pages, each drawn once however many signatures are compared with it."""

    def __init__(self, document: RenderedDocument, keep: int = 12) -> None:
        self.document = document
        self._keep = keep
        self._drawn: dict[tuple[int, float], Picture] = {}

    def picture(self, index: int, scale: float) -> Picture:
        """Draw a page or give the picture drawn before.

        Raises:
            RenderingError: PDFium cannot draw it.
        """
        key = (index, scale)
        if key not in self._drawn:
            if len(self._drawn) >= self._keep:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[key] = self.document.picture(index, scale)
        return self._drawn[key]

    def close(self) -> None:
        """Give the memory back."""
        self._drawn.clear()
        self.document.close()


@dataclass(frozen=True)
class PictureVerdict:
    """What the pictures say: unexpected differences by page, with findings.

    ``undrawn`` are the pages that could not be drawn. ``for_officer``: all that is wrong lies inside the fields of
    later signatures, and only a person can say whether it is right.
    """

    differences: tuple[PageDifference, ...]
    findings: tuple[Finding, ...]
    undrawn: tuple[int, ...]
    for_officer: bool
    pages: tuple[int, int]
    """Pages of the signed revision and of the viewed file."""


def compare_pictures(
    signed: RenderedDocument, viewed: Pictures, pages: Sequence[int], places: Sequence[Place]
) -> PictureVerdict:
    """Compare the documents on these pages, counted from 0: all of them, however many they are."""
    differences: list[PageDifference] = []
    findings: list[Finding] = []
    undrawn: list[int] = []
    for index in dict.fromkeys(pages):
        rectangles = [place.rectangle for place in places if place.page == index]
        try:
            found, covered = _compare_page(signed, viewed, index, rectangles)
        except RenderingError:
            undrawn.append(index)
            continue
        if found:
            differences.append(PageDifference(index, found))
            findings.append(Finding(covered or "VISIBLE-CHANGE", Severity.ERROR, (("page", str(index + 1)),)))
    counts = (signed.page_count, viewed.document.page_count)
    return PictureVerdict(tuple(differences), tuple(findings), tuple(undrawn), False, counts)


def _compare_page(
    signed: RenderedDocument, viewed: Pictures, index: int, allowed: Sequence[Rectangle]
) -> tuple[tuple[Box, ...], str | None]:
    """The boxes that look different though they should not, and the code where content was covered or uncovered."""
    if index >= min(signed.page_count, viewed.document.page_count):
        return (WHOLE_PAGE,), None
    scale = comparison_scale(signed.page_size(index))
    before, after = signed.picture(index, scale), viewed.picture(index, scale)
    if before.shape != after.shape:
        return (WHOLE_PAGE,), None
    mask = differing_pixels(before, after)
    if not mask.any():
        return (), None
    boxes = tuple(viewed.document.displayed_box(index, rectangle) for rectangle in allowed)
    outside = without_boxes(mask, boxes)
    if outside.sum() >= MIN_PIXELS:
        return boxes_of(outside), None
    boxes_touched = [box for box in boxes if mask[slices_of(mask.shape, box)].any()]
    hiding = _hiding(signed, index, scale, allowed, (before, after), boxes_touched) if boxes_touched else {}
    for box in boxes:
        code = hiding.get(box)
        if code is None and (box[2] - box[0]) * (box[3] - box[1]) > MAX_FIELD_SHARE:
            code = "SIGNATURE-FIELD-TOO-LARGE"
        if code is not None:
            return (box,), code
    return (), None


def _hiding(
    signed: RenderedDocument,
    index: int,
    scale: float,
    allowed: Sequence[Rectangle],
    pictures: tuple[Picture, Picture],
    boxes: Sequence[Box],
) -> dict[Box, str]:
    """In which boxes a permitted change hides or brings to light what the page has beneath its fields.

    That page is drawn around the boxes only. PDFium may set a letter there by a pixel otherwise than on the whole
    page, so a box that looks bad is looked at on the whole page.
    """
    before, after = pictures
    places = {box: slices_of(before.shape, box) for box in boxes}
    bare = np.empty_like(before)
    for window in (grown_window(window_around(list(places.values())), BARE_MARGIN), None):
        bare[window or ...] = signed.picture(index, scale, allowed, None, window)
        codes = {box: _inside_box(bare[where], before[where], after[where]) for box, where in places.items()}
        found = {box: code for box, code in codes.items() if code is not None}
        if not found:
            break
    return found


def _inside_box(bare: Picture, signed: Picture, viewed: Picture) -> str | None:
    """Compare with the page without the field itself: it may add to what is there, not hide or bring to light."""
    hidden_before, hidden_after, all_marks = lost_marks(bare, signed), lost_marks(bare, viewed), marks(bare)
    if _too_much(hidden_after & ~hidden_before, all_marks):
        return "CONTENT-COVERED"
    if _too_much(hidden_before & ~hidden_after, all_marks):
        return "CONTENT-UNCOVERED"
    return None


def _too_much(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> bool:
    pixels = int(part.sum())
    return pixels > COVERED_MARKS_PIXELS and pixels > COVERED_MARKS_SHARE * int(whole.sum())
