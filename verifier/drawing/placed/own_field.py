"""What an empty field drew of itself: its frame and its "sign here" go when it is signed."""

from __future__ import annotations

import numpy as np

from verifier.drawing.placed.ink import CHANGED, Mask, apart
from verifier.drawing.placed.labels import is_label, unexplained_words
from verifier.drawing.placed.reading import lines_of, pieces_of
from verifier.drawing.placed.window import PlaceWindow


def drawn_by_empty_fields(window: PlaceWindow, lost: Mask) -> Mask:
    """The lost pixels that the places' own fields had drawn, where these said no more than a label."""
    page = window.page
    own = np.zeros_like(lost)
    kept = [box for _, box in page.places if any(_same(box, other) for other in page.field_boxes)]
    for box in kept:
        there = window.share(box)
        part = (slice(max(0, there.top), max(0, there.bottom)), slice(max(0, there.left), max(0, there.right)))
        if not lost[part].any():
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


def _same(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) < 0.004 for a, b in zip(one, other, strict=True))
