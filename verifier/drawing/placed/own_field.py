"""What an empty field drew of itself: its frame and its "sign here" go when it is signed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.drawing.placed.ink import CHANGED, Mask, apart
from verifier.drawing.placed.labels import is_label, unexplained_words
from verifier.drawing.placed.reading import lines_of, pieces_of
from verifier.drawing.placed.window import PlaceWindow

MOSTLY = 0.5
"""Of a shape's pixels that are the field's where the shape is."""


def drawn_by_empty_fields(window: PlaceWindow) -> Mask:
    """The pixels that the places' own fields had drawn in the signed page, where these said no more than a label."""
    page = window.page
    own = np.zeros((window.height, window.width), dtype=bool)
    for box in (box for _, box in page.places if any(_same(box, other) for other in page.field_boxes)):
        there = window.share(box)
        part = (slice(max(0, there.top), max(0, there.bottom)), slice(max(0, there.left), max(0, there.right)))
        if not window.ink.signed[part].any():
            continue
        bare = page.signed.picture(page.index, page.fine, page.signed.rectangles(page.index, [box]), window.part)
        drawn = apart(bare, window.before) > CHANGED
        said = [
            piece.text
            for piece in pieces_of(lines_of(page.field_characters))
            if there.holds(window.pixels(piece.box).centre)
        ]
        if all(is_label(text) or not unexplained_words([text], ()) for text in said):
            own[part] |= drawn[part]
    return own


def without_frames(window: PlaceWindow, text: NDArray[np.intp], own: Mask) -> NDArray[np.intp]:
    """Those letters of the text that are none of what an empty field drew: a tick crosses the frame of its own box."""
    if not own.any():
        return text
    letters = window.letters
    counted = np.bincount(letters.labels.ravel(), minlength=len(letters) + 1)[1:]
    framed = np.bincount(letters.labels[own], minlength=len(letters) + 1)[1:] > MOSTLY * counted
    return text[~framed[text]]


def _same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) < 0.004 for a, b in zip(one, other, strict=True))
