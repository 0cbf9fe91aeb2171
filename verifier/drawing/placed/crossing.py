"""Figures that may lie on signed text: a seal or handwriting across a signature block or an earlier signature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.blocks import Block
from verifier.drawing.placed.marks import Mark, PixelBox
from verifier.drawing.placed.page import Letter
from verifier.drawing.placed.window import PlaceWindow
from verifier.drawing.rendering import Box

HIDDEN_SHARE = 0.5
"""Of any word's ink that a figure may hide."""
STANDING_SHARE = 0.33
"""Of a mark's ink within a block, from which it stands there."""
ANNEX_TOP = 0.3
"""Of a page's height in which the ring over an annex stands (NĐ 30/2020 Đ.33.1.c)."""
DISC = (0.8, 1.25)
"""Width by height of a seal's disc."""


def may_cross(
    window: PlaceWindow, mark: Mark, touched: NDArray[np.intp], letter: Letter, place: tuple[Place, Box] | None
) -> bool:
    """Whether a figure lies on these letters as a seal or a signature does.

    It crosses a block or an earlier signature's box, hides at most half of any word, and lies on no number outside
    them; on words that cannot be read only where its middle lies in the block.
    """
    if _hides_a_word(window, mark):
        return False
    crossed = [region for region in _regions(window) if _reaches(mark, region)]
    if crossed:
        middles = {int(number): _middle(window, int(number)) for number in touched}
        others = [one for one, middle in middles.items() if not any(region.holds(middle) for region in crossed)]
        centred = any(region.holds(mark.box.centre) for region in crossed)
        return all(_is_no_number(window, number, centred) for number in others)
    disc = DISC[0] <= mark.box.width / mark.box.height <= DISC[1]
    low = mark.box.bottom + window.top < ANNEX_TOP * window.page.size[1] * window.scale
    return disc and low and place is not None and letter.is_own_agency(place[0])


def _regions(window: PlaceWindow) -> Iterator[PixelBox]:
    """The blocks and the earlier signatures of the page."""
    for block in window.page.blocks:
        yield window.pixels(block.box)
    for box in window.page.signature_boxes:
        yield window.share(box)
    yield from window.shape_blocks


def _reaches(mark: Mark, region: PixelBox) -> bool:
    """Whether a mark's own ink lies in a region."""
    box = mark.box
    rows = slice(max(0, region.top - box.top), max(0, region.bottom - box.top))
    columns = slice(max(0, region.left - box.left), max(0, region.right - box.left))
    return bool(mark.pixels[rows, columns].any())


def stands_in(window: PlaceWindow, mark: Mark, block: Block) -> bool:
    """Whether a good part of a mark's ink lies in a block that prints a name."""
    return share_in(mark, window.pixels(block.box)) > STANDING_SHARE


def share_in(mark: Mark, region: PixelBox) -> float:
    """How much of a mark's ink lies in a region."""
    box = mark.box
    rows = slice(max(0, region.top - box.top), max(0, region.bottom - box.top))
    columns = slice(max(0, region.left - box.left), max(0, region.right - box.left))
    return float(mark.pixels[rows, columns].sum()) / max(1.0, float(mark.pixels.sum()))


def _hides_a_word(window: PlaceWindow, mark: Mark) -> bool:
    """Whether more than half of a word's ink shows new ink instead."""
    words = window.words
    part = words[mark.box.part]
    there = np.unique(part[(part > 0) & mark.pixels])
    hidden = np.bincount(words[window.ink.hidden & (words > 0)], minlength=int(words.max()) + 1)
    whole = np.bincount(words.ravel(), minlength=int(words.max()) + 1)
    return any(hidden[number] > HIDDEN_SHARE * whole[number] for number in there)


def _middle(window: PlaceWindow, number: int) -> tuple[float, float]:
    letters = window.letters
    return (
        float(letters.left[number] + letters.right[number]) / 2,
        float(letters.top[number] + letters.bottom[number]) / 2,
    )


def _is_no_number(window: PlaceWindow, number: int, unread: bool) -> bool:
    """Whether a letter stands in a word without a digit; ``unread`` where it cannot be read."""
    point = _middle(window, number)
    for piece in window.page.pieces:
        for word in piece.words:
            if window.pixels(word.box).holds(point, 2):
                return not any(map(str.isdigit, word.text))
    return unread
