"""The clerk's digits: number, day and month in the blanks of a letter's head, under its own agency's certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from verifier.changes.vocabulary import Place
from verifier.drawing.placed.bodies import is_person, name_words
from verifier.drawing.placed.characters import Character
from verifier.drawing.placed.heads import DIGITS, Blank, reads
from verifier.drawing.placed.marks import Mark, PixelBox
from verifier.drawing.placed.page import Letter
from verifier.drawing.placed.window import PlaceWindow, place_of
from verifier.guard import plain
from verifier.report import Finding, Severity

DIGIT_HEIGHT = (0.5, 1.8)
"""Heights of the line's capitals that a clerk's digit has."""
ROOM = 0.5
"""Heights of the line's capitals above and below it that are still the blank."""
HEAD_LINES = 12.0
"""Heights of the line's capitals above a number in which a head names the agency: NĐ 30/2020 gives it three lines."""
WRITTEN = "CLERK-WROTE-"
SEALED = "CLERK-SEALED"
SEAL_POINTS = 36.0
"""Width and height of a seal's picture at least."""


@dataclass(frozen=True)
class ClerkWork:
    """The marks that are the clerk's, and what is said of them."""

    marks: tuple[Mark, ...]
    notes: tuple[Finding, ...]

    def holds(self, mark: Mark) -> bool:
        """Whether a mark is one of them."""
        return any(mark is own for own in self.marks)


def clerk_work(window: PlaceWindow, letter: Letter, text: NDArray[np.intp]) -> ClerkWork:
    """The marks that fill blanks of a head as a clerk does: every one in a blank, or none of it."""
    marks: list[Mark] = []
    notes: list[Finding] = []
    if not any(letter.is_own_body(place) for place, _ in window.page.places):
        return ClerkWork((), ())
    for blank in (*window.page.blanks, *window.shape_blanks):
        room = _room(window, blank)
        here = [mark for mark in window.marks if room.holds(mark.box.centre)]
        if (
            here
            and not _is_written(window, blank, room, text)
            and _by_agency(window, letter, blank, here)
            and _is_digits(window, blank, room, here, text)
        ):
            marks.extend(here)
            notes.append(_note(window, blank, room, _field(window, letter, here[0])))
    return ClerkWork(tuple(marks), tuple(notes))


def _room(window: PlaceWindow, blank: Blank) -> PixelBox:
    box = window.pixels(blank.box)
    room = round(ROOM * blank.height * window.scale)
    return PixelBox(box.left, box.top - room, box.right, box.bottom + room)


def _by_agency(window: PlaceWindow, letter: Letter, blank: Blank, marks: Sequence[Mark]) -> bool:
    """Whether one signature of the agency fills the blank: a second one would change what the first wrote."""
    places = {_place(window, mark) for mark in marks}
    if len(places) != 1:
        return False
    (place,) = places
    return place is not None and (letter.is_own_agency(place) or _is_named_in_head(window, letter, blank, place))


def _is_named_in_head(window: PlaceWindow, letter: Letter, blank: Blank, place: Place) -> bool:
    """Whether a signer of the letter's body is called like the agency that its head prints, in one line or two."""
    signer = letter.signer_of(place)
    if signer is None or not letter.is_own_body(place) or is_person(signer):
        return False
    above = [one.text for one in window.page.pieces if 0 < blank.box[1] - one.box[1] < HEAD_LINES * blank.height]
    printed = [*above, *(f"{one} {other}" for one in above for other in above if one != other)]
    return any(name_words(signer.name) == name_words(text) for text in printed)


def _is_written(window: PlaceWindow, blank: Blank, room: PixelBox, text: NDArray[np.intp]) -> bool:
    """Whether an earlier signature has written into a blank: letters as high as digits, no leaders."""
    letters = window.letters
    across = (letters.left[text] + letters.right[text]) / 2
    down = (letters.top[text] + letters.bottom[text]) / 2
    inside = (across > room.left) & (across < room.right) & (down > room.top) & (down < room.bottom)
    tall = letters.bottom[text] - letters.top[text] > DIGIT_HEIGHT[0] * blank.height * window.scale
    return bool((inside & tall).any())


def _place(window: PlaceWindow, mark: Mark) -> Place | None:
    number = place_of(window, mark, [window.share(box) for _, box in window.page.places])
    return None if number is None else window.page.places[number][0]


def _field(window: PlaceWindow, letter: Letter, mark: Mark) -> str:
    place = _place(window, mark)
    return "" if place is None else letter.field_of(place)


def _is_digits(
    window: PlaceWindow, blank: Blank, room: PixelBox, marks: Sequence[Mark], text: NDArray[np.intp]
) -> bool:
    """Digits by size and number, inside the blank, touching nothing signed; by what they say where it can be read."""
    low, high = (share * blank.height * window.scale for share in DIGIT_HEIGHT)
    if not all(low <= mark.box.height <= high for mark in marks) or len(marks) > DIGITS[blank.kind]:
        return False
    letters = window.letters
    for mark in marks:
        if mark.box.left < room.left - 1 or mark.box.right > room.right + 1:
            return False
        over = (letters.left[text] < mark.box.right) & (letters.right[text] > mark.box.left)
        over &= (letters.top[text] < mark.box.bottom) & (letters.bottom[text] > mark.box.top)
        if over.any():
            return False
    said = _characters(window, room)
    return not said or reads(blank.kind, said)


def _characters(window: PlaceWindow, room: PixelBox) -> list[Character]:
    held = [one for one in window.page.added_characters if room.holds(window.pixels(one.box).centre)]
    return sorted(held, key=lambda one: one.box[0])


def _note(window: PlaceWindow, blank: Blank, room: PixelBox, field: str) -> Finding:
    """What was written by the signature of which field; told once for the letter (``changes/clerk_act.py``)."""
    read = "".join(one.text for one in _characters(window, room))
    day, month, year = blank.printed
    printed = (("day", day), ("month", month), ("year", year), ("sign", plain(blank.sign)))
    told = (("page", str(window.page.index + 1)), ("field", plain(field)), ("read", read), *printed)
    return Finding(f"{WRITTEN}{blank.kind.value.upper()}", Severity.INFO, told)


def sealed(window: PlaceWindow, letter: Letter, mark: Mark, place: Place) -> Finding | None:
    """That the letter's own agency draws a picture as large as a seal."""
    if min(mark.box.width, mark.box.height) < SEAL_POINTS * window.scale or not letter.is_own_agency(place):
        return None
    told = (("page", str(window.page.index + 1)), ("field", plain(letter.field_of(place))))
    return Finding(SEALED, Severity.INFO, told)
