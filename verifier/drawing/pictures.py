"""What the pages show: the signed revision beside the viewed file, page by page.

A difference outside the places where a permitted change may draw (an empty field filled, a new signature's own field)
is a visible change. Inside them it is judged by what ink it takes away and what it adds (``placed/rule.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from verifier.drawing.placed.characters import Character, PageText, field_characters, page_text, visible_characters
from verifier.drawing.placed.page import Letter, PlacedPage
from verifier.drawing.placed.reading import Line, lines_of
from verifier.drawing.placed.rule import judge_placed
from verifier.drawing.rendering import (
    Box,
    Picture,
    RenderedDocument,
    RenderingError,
    Window,
    comparison_scale,
)
from verifier.report import Finding, Severity

MIN_PIXELS = 2
"""Differing pixels of a page below which it looks the same."""
UNCOVERED_MARKS_SHARE = 0.10
"""Of the marks beneath a field that its signing may bring to light: the edge of its frame, not a text."""
UNCOVERED_MARKS_PIXELS = 40
BARE_MARGIN = 64
"""Pixels drawn around what is looked at: letters that reach over a picture's edge are set otherwise."""
WHOLE_PAGE: Box = (0.0, 0.0, 1.0, 1.0)


class Pictures:
    """The viewed file's pages, each drawn once however many signatures are compared with it."""

    def __init__(self, document: RenderedDocument, keep: int = 12) -> None:
        self.document = document
        self._keep = keep
        self._drawn: dict[tuple[int, float, tuple[int | None, ...]], Picture] = {}
        self._written: dict[int, Sequence[Character]] = {}
        self._texts: dict[int, PageText] = {}
        self._lines: dict[int, Sequence[Line]] = {}

    def picture(self, index: int, scale: float, window: Window | None = None) -> Picture:
        """Draw a page, or a part of it, or give the picture drawn before.

        Raises:
            RenderingError: PDFium cannot draw it.
        """
        key = (index, scale, () if window is None else tuple(end for part in window for end in (part.start, part.stop)))
        if key not in self._drawn:
            if len(self._drawn) >= self._keep:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[key] = self.document.picture(index, scale, window=window)
        return self._drawn[key]

    def is_drawn(self, index: int) -> bool:
        """Whether the picture of a page with which it is compared is there."""
        return (index, comparison_scale(self.document.page_size(index)), ()) in self._drawn

    def text(self, index: int) -> PageText:
        """The characters of a page, its fields' left out, read once.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        if index not in self._texts:
            self._texts[index] = page_text(self.document, index)
        return self._texts[index]

    def lines(self, index: int) -> Sequence[Line]:
        """The lines of a page that can be read and are seen.

        Raises:
            RenderingError: PDFium cannot draw it.
        """
        if index not in self._lines:
            size = self.document.page_size(index)
            picture = self.picture(index, comparison_scale(size))
            self._lines[index] = lines_of(visible_characters(self.text(index), size, picture))
        return self._lines[index]

    def field_characters(self, index: int, own: Collection[Character]) -> Sequence[Character]:
        """The characters that the fields of a page draw: those that are not the page's ``own``.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        if index not in self._written:
            self._written[index] = field_characters(self.document, index, ())
        return [one for one in self._written[index] if one not in own]

    def close(self) -> None:
        """Give the memory back."""
        self._drawn.clear()
        self.document.close()


@dataclass(frozen=True)
class PictureVerdict:
    """What the pictures say: unexpected differences by page, with findings.

    ``undrawn`` are the pages that could not be drawn. ``for_officer``: all that is wrong lies inside the fields of
    later signatures or filled ones, and only a person can say whether it is right.
    """

    differences: tuple[PageDifference, ...]
    findings: tuple[Finding, ...]
    undrawn: tuple[int, ...]
    for_officer: bool
    pages: tuple[int, int]
    """Pages of the signed revision and of the viewed file."""


@dataclass(frozen=True)
class _PageVerdict:
    boxes: tuple[Box, ...] = ()
    findings: tuple[Finding, ...] = ()
    for_officer: bool = True


def compare_pictures(
    signed: RenderedDocument,
    viewed: Pictures,
    pages: Sequence[int],
    places: Sequence[Place],
    letter: Letter | None = None,
) -> PictureVerdict:
    """Compare the documents on these pages, counted from 0: all of them, however many they are.

    ``letter``: who signed later, in the fields that ``places`` name, and who before.
    """
    known = letter or Letter({}, ())
    differences: list[PageDifference] = []
    findings: list[Finding] = []
    undrawn: list[int] = []
    for_officer = True
    for index in dict.fromkeys(pages):
        try:
            found = _compare_page(signed, viewed, index, [place for place in places if place.page == index], known)
        except RenderingError:
            undrawn.append(index)
            continue
        findings.extend(found.findings)
        if found.boxes:
            differences.append(PageDifference(index, found.boxes))
            for_officer = for_officer and found.for_officer
    return PictureVerdict(
        tuple(differences),
        tuple(findings),
        tuple(undrawn),
        bool(differences) and for_officer,
        (signed.page_count, viewed.document.page_count),
    )


def _compare_page(
    signed: RenderedDocument, viewed: Pictures, index: int, places: Sequence[Place], known: Letter
) -> _PageVerdict:
    """1 the same page at all · 2 nothing outside the places · 3 nothing brought to light · 4 the rule for ink."""
    if index >= min(signed.page_count, viewed.document.page_count):  # 1
        return _changed((WHOLE_PAGE,), index)
    scale = comparison_scale(signed.page_size(index))
    before, after = signed.picture(index, scale), viewed.picture(index, scale)
    if before.shape != after.shape:
        return _changed((WHOLE_PAGE,), index)
    mask = differing_pixels(before, after)
    if not mask.any():
        return _PageVerdict()
    boxes = [viewed.document.displayed_box(index, place.rectangle) for place in places]
    outside = without_boxes(mask, tuple(boxes))  # 2
    if outside.sum() >= MIN_PIXELS:
        return _changed(boxes_of(outside), index)
    page = PlacedPage(signed, viewed, index, before, mask, scale, list(zip(places, boxes, strict=True)))
    hidden = _uncovered(page, after)  # 3
    if hidden:
        return _changed(hidden, index, "CONTENT-UNCOVERED")
    return _PageVerdict(*judge_placed(page, known))  # 4


def _changed(boxes: tuple[Box, ...], index: int, code: str = "VISIBLE-CHANGE") -> _PageVerdict:
    return _PageVerdict(boxes, (Finding(code, Severity.ERROR, (("page", str(index + 1)),)),), for_officer=False)


def _uncovered(page: PlacedPage, after: Picture) -> tuple[Box, ...]:
    """Where a field that the signed document drew over something shows it now (the hide attack).

    That page is drawn without its fields, around the boxes only. PDFium may set a letter there by a pixel otherwise
    than on the whole page, so a box that looks bad is looked at on the whole page.
    """
    there = page.signed.field_boxes(page.index)
    kept = [(place, box) for place, box in page.places if any(_overlap(box, other) for other in there)]
    if not kept:
        return ()
    rectangles = [place.rectangle for place, _ in kept]
    where = {box: slices_of(after.shape, box) for _, box in kept}
    bare = np.empty_like(after)
    found: tuple[Box, ...] = ()
    for window in (grown_window(window_around(list(where.values())), BARE_MARGIN), None):
        bare[window or ...] = page.signed.picture(page.index, page.scale, rectangles, window)
        found = tuple(
            box for box, part in where.items() if _brought_to_light(bare[part], page.before[part], after[part])
        )
        if not found:
            break
    return found


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _brought_to_light(bare: Picture, signed: Picture, viewed: Picture) -> bool:
    shown: NDArray[np.bool_] = lost_marks(bare, signed) & ~lost_marks(bare, viewed)
    pixels = int(shown.sum())
    return pixels > UNCOVERED_MARKS_PIXELS and pixels > UNCOVERED_MARKS_SHARE * int(marks(bare).sum())
