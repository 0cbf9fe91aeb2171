"""The rule for ink in the places of later signatures and fillings: none that was signed is lost, none reads with it.

For every mark of new ink, in this order: 1 a clerk's digits in the blanks of the letter's head · 2 on signed text: only
a figure that crosses a signature block or an earlier signature's picture · 3 beside signed text: only where a label, a
drawn field, the law's text of a copy or the letter's end explains it · 4 in a signature block: the person whose name it
prints, or the agency · 5 on free ground: words are read out where they say more than a signature's picture does. 4 and
5 warn; on a letter whose first signer allowed filling in and signing only they are for an officer, as is whatever is
not on this list (docs/divergences.md 34).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.added_words import words_added
from verifier.drawing.placed.blocks import Block
from verifier.drawing.placed.bodies import is_agency
from verifier.drawing.placed.clerk import ClerkWork, clerk_work, sealed
from verifier.drawing.placed.crossing import STANDING_SHARE, may_cross, share_in, stands_in
from verifier.drawing.placed.earlier import text_letters
from verifier.drawing.placed.explained import beside_explained
from verifier.drawing.placed.in_block import out_of_place
from verifier.drawing.placed.ink import Mask
from verifier.drawing.placed.lines import ROW_HEIGHT
from verifier.drawing.placed.marks import Mark, PixelBox
from verifier.drawing.placed.own_field import drawn_by_empty_fields, without_frames
from verifier.drawing.placed.page import Letter, PlacedPage
from verifier.drawing.placed.window import PlaceWindow, place_of, windows_of
from verifier.drawing.rendering import Box
from verifier.guard import plain
from verifier.report import Finding, Severity

FIGURE = 3.0
"""Text heights from which a mark is a figure and no character."""
BESIDE = 2.0
"""Text heights between signed text and a mark that reads with it."""
HALF_LINE = 0.5
"""Text heights above and below a line that belong to it."""
LETTER_SPACE = 0.15
"""Text heights around a letter that are the word's."""

ANOTHERS_BLOCK = "INK-IN-ANOTHERS-BLOCK"
LOST, ON, BESIDE_TEXT = "SIGNED-INK-LOST", "INK-ON-SIGNED-TEXT", "INK-BESIDE-SIGNED-TEXT"


@dataclass
class _Found:
    """What one page breaks: the boxes of it, the codes, and what is to be said besides."""

    boxes: list[Box] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def add(self, code: str, boxes: tuple[Box, ...]) -> None:
        """Note a violation with its places; without places there is none."""
        self.boxes.extend(boxes)
        self.codes.extend([code] * bool(boxes))


def judge_placed(page: PlacedPage, letter: Letter) -> tuple[tuple[Box, ...], tuple[Finding, ...]]:
    """The boxes in which later ink breaks the rule, and the findings; notes alone where it breaks none.

    Raises:
        RenderingError: PDFium cannot draw the page.
    """
    found = _Found()
    for window in windows_of(page):
        if window.ink.lost.any() or window.ink.added.any():
            _judge_window(window, letter, found)
    told = (("page", str(page.index + 1)),)
    errors = [Finding(code, Severity.ERROR, told) for code in dict.fromkeys(found.codes)]
    return tuple(dict.fromkeys(found.boxes)), (*errors, *dict.fromkeys(found.notes))


def _judge_window(window: PlaceWindow, letter: Letter, found: _Found) -> None:
    frames = drawn_by_empty_fields(window)
    found.add(LOST, window.boxes(window.ink.lost & ~frames))
    places = [window.share(box) for _, box in window.page.places]
    text = without_frames(window, text_letters(window, letter), frames)
    clerk = clerk_work(window, letter, text)
    found.notes.extend(clerk.notes)
    free: list[Mark] = []
    own: list[Mark] = []
    for mark in window.marks:
        number = place_of(window, mark, places)
        place = None if number is None else window.page.places[number]
        code = _break(window, mark, text, clerk, letter, place)
        if code is not None:
            found.add(code, (window.fractions(mark.box),))
        elif not clerk.holds(mark) and (place is None or place[0].signature is not None):
            free.append(mark)
            note = None if place is None else sealed(window, letter, mark, place[0])
            found.notes.extend([note] if note else [])
            if place is not None and _in_block(window, mark, letter, place[0], found):
                own.append(mark)
    said, where = words_added(window, free, letter, own)
    found.notes.extend(said)
    found.boxes.extend(window.fractions(box) for box in where)


def _in_block(window: PlaceWindow, mark: Mark, letter: Letter, place: Place, found: _Found) -> bool:
    """Whether a mark stands in a block where all who draw it may; where they may not, that is told.

    A seal across a signature by hand is one mark of two places.
    """
    blocks = [block for block in window.page.blocks if stands_in(window, mark, block)]
    if not blocks:
        return False
    sharing = [other for other, box in window.page.places if share_in(mark, window.share(box)) > STANDING_SHARE]
    drawing = [one for one in dict.fromkeys((place, *sharing)) if one.signature is not None]
    wrong = out_of_place(window, mark, blocks, letter, drawing)
    for one in wrong:
        _tell_block(window, mark, blocks[0], letter, one, found)
    return not wrong


def _tell_block(window: PlaceWindow, mark: Mark, block: Block, letter: Letter, place: Place, found: _Found) -> None:
    """A picture in the block of a person who did not make it, and whose agency did not.

    Another agency's seal over a name is usual where nobody certified the letter: two sides sign one contract.
    """
    signer = letter.signer_of(place)
    if signer is None or (is_agency(signer) and not letter.certified):
        return
    told = (("page", str(window.page.index + 1)), ("name", plain(block.name)), ("signer", plain(signer.called)))
    found.notes.append(Finding(ANOTHERS_BLOCK, Severity.ERROR, told))
    found.boxes.append(window.fractions(mark.box))


def _break(
    window: PlaceWindow,
    mark: Mark,
    text: NDArray[np.intp],
    clerk: ClerkWork,
    letter: Letter,
    place: tuple[Place, Box] | None,
) -> str | None:
    """The code of what a mark breaks; None where it is allowed."""
    if clerk.holds(mark):  # 1
        return None
    letters = window.letters
    small = mark.box.height < FIGURE * letters.height[text]
    touched = _touched(window, mark, text)
    if touched.any() and (  # 2
        (small & touched).any() or not may_cross(window, mark, text[touched], letter, place)
    ):
        return ON
    near = small & _beside(window, mark.box, text)  # 3
    if near.any() and not beside_explained(window, mark, text[near], place):
        return BESIDE_TEXT
    if any(_reads_on(window, mark, content, text) for content in mark.framed):
        return BESIDE_TEXT
    return None  # 4, 5


def _touched(window: PlaceWindow, mark: Mark, text: NDArray[np.intp]) -> Mask:
    """Which letters of the text a mark's ink lies on, the space around each that is the word's included."""
    letters = window.letters
    space = LETTER_SPACE * letters.height[text]
    left, right = letters.left[text] - space, letters.right[text] + space
    top, bottom = letters.top[text], letters.bottom[text]
    box = mark.box
    touched = (left < box.right) & (right > box.left) & (top < box.bottom) & (bottom > box.top)
    for number in np.flatnonzero(touched):
        rows = slice(max(0, int(top[number]) - box.top), max(0, int(np.ceil(bottom[number])) - box.top))
        columns = slice(max(0, int(left[number]) - box.left), max(0, int(np.ceil(right[number])) - box.left))
        touched[number] = bool(mark.pixels[rows, columns].any())
    return np.asarray(touched)


def _beside(window: PlaceWindow, box: PixelBox, text: NDArray[np.intp]) -> Mask:
    """Which letters of the text a box reads with: on their line and near, or in their row of a table."""
    letters = window.letters
    tall = letters.height[text]
    _, middle = box.centre
    on_line = (middle >= letters.head[text] - HALF_LINE * tall) & (middle <= letters.foot[text] + HALF_LINE * tall)
    gap = np.maximum(letters.left[text] - box.right, box.left - letters.right[text])
    near = on_line & (gap < BESIDE * tall)
    row = window.rulings.row(box.centre, ROW_HEIGHT * window.scale)
    if row is not None:
        left, right = window.rulings.extent(row, box.centre[0])
        across, down = (letters.left[text] + letters.right[text]) / 2, (letters.top[text] + letters.bottom[text]) / 2
        near |= (across > left) & (across < right) & (down > row[0]) & (down < row[1])
    return np.asarray(near)


def _reads_on(window: PlaceWindow, mark: Mark, content: PixelBox, text: NDArray[np.intp]) -> bool:
    """Whether what a frame holds goes on a signed line: a number in a box that only pretends to be a stamp."""
    if not (content.height < FIGURE * window.letters.height[text])[_beside(window, content, text)].any():
        return False
    held = [one.text for one in window.page.added_characters if content.holds(window.pixels(one.box).centre, 1)]
    return len(mark.framed) <= FEW if not held else all(one.isdigit() or one in ".,-/" for one in held)


FEW = 12
"""Unreadable pieces in a frame that may be a number."""
