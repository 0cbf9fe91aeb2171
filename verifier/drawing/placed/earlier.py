"""Which letters of a window are signed text: those of an earlier signature's picture say who signed, and no more.

A number or a date that an earlier signature wrote (the clerk's) is text like any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verifier.drawing.placed.ink import CHANGED, apart
from verifier.drawing.placed.labels import unexplained_words
from verifier.drawing.placed.marks import PixelBox
from verifier.drawing.placed.page import Letter
from verifier.drawing.placed.reading import lines_of, pieces_of
from verifier.drawing.placed.window import PlaceWindow
from verifier.drawing.rendering import Box

FEW = 8
"""Letters that may be a number or a date and nothing else."""


def text_letters(window: PlaceWindow, letter: Letter) -> NDArray[np.intp]:
    """The numbers of the letters that are signed text."""
    letters = window.letters
    everything = np.arange(len(letters))
    pictures = [box for box in window.page.signature_boxes if _in_reach(window, window.share(box))]
    if not pictures or not len(letters):
        return everything
    own = _drawn_by(window, pictures)
    counted = np.bincount(letters.labels.ravel(), minlength=len(letters) + 1)[1:]
    drawn = np.bincount(letters.labels[own], minlength=len(letters) + 1)[1:] > 0.5 * counted
    across, down = (letters.left + letters.right) / 2, (letters.top + letters.bottom) / 2
    for box in pictures:
        there = window.share(box)
        inside = (across > there.left) & (across < there.right) & (down > there.top) & (down < there.bottom)
        if _is_content(window, box, int((inside & drawn).sum()), letter):
            drawn &= ~inside
    return np.flatnonzero(~drawn)


def _in_reach(window: PlaceWindow, box: PixelBox) -> bool:
    return box.meets(PixelBox(0, 0, window.width, window.height))


def _drawn_by(window: PlaceWindow, pictures: list[Box]) -> NDArray[np.bool_]:
    """The pixels that these signatures draw: where the signed page looks otherwise without them."""
    page = window.page
    bare = page.signed.picture(page.index, page.fine, page.signed.rectangles(page.index, pictures), window.part)
    return np.asarray(apart(bare, window.before) > CHANGED)


def _is_content(window: PlaceWindow, box: Box, letters: int, letter: Letter) -> bool:
    """Whether an earlier signature wrote what is part of the letter: a number, or a line with one that is no time."""
    width, height = window.page.size
    here = [
        one
        for one in window.page.field_characters
        if box[0] * width <= (one.box[0] + one.box[2]) / 2 <= box[2] * width
        and box[1] * height <= (one.box[1] + one.box[3]) / 2 <= box[3] * height
    ]
    lines = [piece.text for piece in pieces_of(lines_of(here))]
    if not lines:
        return letters <= FEW
    return any(any(map(str.isdigit, line)) for line in unexplained_words(lines, letter.earlier))
