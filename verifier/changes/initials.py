"""Initials: a small signature after "./.", where a letter's text ends, or after "Lưu: VT", where its recipients end.

There the drafter and whoever checked the form sign for the leader's sake (NĐ 30/2020 Phụ lục I, the offices' practice).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.changes.history import DocumentHistory
from verifier.changes.own_places import own_places
from verifier.changes.vocabulary import Place
from verifier.drawing.pictures import Pictures
from verifier.drawing.placed.reading import pieces_of
from verifier.guard import Failure
from verifier.pdf.signatures import ListedSignature
from verifier.report import Finding, Severity

DRAFTERS, CHECKERS = "DRAFTERS-INITIALS", "CHECKERS-INITIALS"
MAX_POINTS = (160.0, 80.0)
"""Width and height of initials at most."""
NEAR = 40.0
"""Points between the text's end and the initials, and by which their field may begin before it."""
REACH = {"/": 2 * NEAR, "L": 240.0}
"""Points beyond which the stroke of the text's end ("./.") and the beginning of "Lưu" are none of this field's."""
LINES = 1.5
"""Heights of the line by which their middles may differ."""


def initials_of(history: DocumentHistory, listed: ListedSignature) -> tuple[Finding, ...]:
    """That a signature stands where initials stand, by text that is seen.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    pictures = history.pictures
    if isinstance(pictures, Failure):
        return ()
    for place in own_places(history, listed):
        code = _initials_at(pictures, place)
        if code is not None:
            return (Finding(code, Severity.INFO, (("page", str(place.page + 1)),)),)
    return ()


def _initials_at(pictures: Pictures, place: Place) -> str | None:
    """What a small place is that begins where the letter's text ends ("./."), or its list of recipients ("Lưu: VT")."""
    document, page = pictures.document, place.page
    width, height = document.page_size(page)
    box = document.displayed_box(page, place.rectangle)
    if (box[2] - box[0]) * width > MAX_POINTS[0] or (box[3] - box[1]) * height > MAX_POINTS[1]:
        return None
    begins, middle, room = box[0] * width, (box[1] + box[3]) / 2 * height, (box[3] - box[1]) / 4 * height
    if not any(  # nothing is drawn for most
        _near(pictures.text(page).boxes_of(char), reach, begins, middle, room) for char, reach in REACH.items()
    ):
        return None
    for piece in pieces_of(pictures.lines(page)):
        level = abs((piece.box[1] + piece.box[3]) / 2 - middle) < LINES * piece.height + room
        if level and abs(begins - piece.box[2]) < NEAR and (piece.ends_letter or piece.ends_recipients):
            return DRAFTERS if piece.ends_letter else CHECKERS
    return None


def _near(found: NDArray[np.float64], reach: float, begins: float, middle: float, room: float) -> bool:
    """Whether a character of such a line's end may stand before a place: nearer is looked at where it does."""
    tall = found[:, 3] - found[:, 1]
    level = abs((found[:, 1] + found[:, 3]) / 2 - middle) < 2 * LINES * tall + room
    return bool((level & (abs(found[:, 2] - begins) < reach)).any())
