"""A drafter's initials: a small signature after "./.", where a letter's text ends (NĐ 30/2020 Phụ lục I)."""

from __future__ import annotations

import numpy as np
import pikepdf
from numpy.typing import NDArray

from verifier.changes.comparison import dictionary_of
from verifier.changes.history import DocumentHistory
from verifier.changes.revision_objects import items, reading, rectangle_of, ref_of
from verifier.changes.vocabulary import Rectangle
from verifier.drawing.pictures import Pictures
from verifier.drawing.placed.characters import boxes_of_character, page_text, visible_characters
from verifier.drawing.placed.reading import lines_of, pieces_of
from verifier.drawing.rendering import comparison_scale
from verifier.guard import Failure
from verifier.pdf.signatures import ListedSignature
from verifier.report import Finding, Severity

MAX_POINTS = (160.0, 80.0)
"""Width and height of initials at most."""
NEAR = 40.0
"""Points between the text's end and the initials, and by which their field may begin before it."""
REACH = 2 * NEAR
"""Points beyond which the stroke of the text's end is none of this field's: its last point may be wide."""
LINES = 1.5
"""Heights of the line by which their middles may differ."""


def initials_of(history: DocumentHistory, listed: ListedSignature) -> tuple[Finding, ...]:
    """That a signature stands where a drafter's initials stand, by text that is seen.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    viewed, pictures = history.objects, history.pictures
    if isinstance(viewed, Failure) or isinstance(pictures, Failure):
        return ()
    with reading():
        widgets = [viewed.get(ref) for ref in listed.field_refs]
        places = [(_page_of(viewed.pdf, one), rectangle_of(dictionary_of(one).get("/Rect"))) for one in widgets]
    for page, rectangle in places:
        if page is not None and rectangle is not None and _after_the_end(pictures, page, rectangle):
            return (Finding("DRAFTERS-INITIALS", Severity.INFO, (("page", str(page + 1)),)),)
    return ()


def _after_the_end(pictures: Pictures, page: int, rectangle: Rectangle) -> bool:
    """Whether a small place begins where a line of text ends with "./."."""
    left, bottom, right, top = rectangle
    if not (0 < right - left <= MAX_POINTS[0] and 0 < top - bottom <= MAX_POINTS[1]):
        return False
    document = pictures.document
    width, height = document.page_size(page)
    box = document.displayed_box(page, rectangle)
    begins, middle, room = box[0] * width, (box[1] + box[3]) / 2 * height, (box[3] - box[1]) / 4 * height
    if not _stroke_near(boxes_of_character(document, page, "/"), begins, middle, room):  # nothing is drawn for most
        return False
    picture = pictures.picture(page, comparison_scale((width, height)))
    for piece in pieces_of(lines_of(visible_characters(page_text(document, page), (width, height), picture))):
        level = abs((piece.box[1] + piece.box[3]) / 2 - middle) < LINES * piece.height + room
        if piece.ends_letter and level and abs(begins - piece.box[2]) < NEAR:
            return True
    return False


def _stroke_near(strokes: NDArray[np.float64], begins: float, middle: float, room: float) -> bool:
    """Whether the stroke of a "./." may stand before a place: nearer is looked at where it does."""
    tall = strokes[:, 3] - strokes[:, 1]
    level = abs((strokes[:, 1] + strokes[:, 3]) / 2 - middle) < 2 * LINES * tall + room
    return bool((level & (abs(strokes[:, 2] - begins) < REACH)).any())


def _page_of(pdf: pikepdf.Pdf, widget: pikepdf.Object | None) -> int | None:
    """The page that a widget names as its own, and that has it among its annotations."""
    page = widget.get("/P") if isinstance(widget, pikepdf.Dictionary) else None
    if not isinstance(page, pikepdf.Dictionary) or ref_of(page) is None:
        return None
    if ref_of(widget) not in [ref_of(one) for one in items(page.get("/Annots"))]:
        return None
    return next((n for n, one in enumerate(pdf.pages) if ref_of(one.obj) == ref_of(page)), None)
