"""Words that a later signature draws on free ground: read out where they say more than a signature's picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from verifier.drawing.placed.characters import Character
from verifier.drawing.placed.labels import unexplained_words
from verifier.drawing.placed.marks import Mark, PixelBox
from verifier.drawing.placed.page import Letter
from verifier.drawing.placed.reading import lines_of, pieces_of
from verifier.drawing.placed.window import PlaceWindow, around
from verifier.guard import plain
from verifier.report import Finding, Severity, Signer

MAX_READ_CHARS = 200
LINE_OF_SHAPES = 5
"""Marks of one height in a row that are words, whoever drew them as shapes."""


def words_added(
    window: PlaceWindow, marks: Sequence[Mark], letter: Letter, own: Sequence[Mark] = ()
) -> tuple[list[Finding], tuple[PixelBox, ...]]:
    """What is to be said of the words among these marks, and where they stand.

    A warning; on a letter whose first signer allowed filling in and signing only, for an officer. ``own``: those of
    the marks that somebody draws in his own block, where handwriting may look like a row of letters.
    """
    if not marks:
        return [], ()
    boxes = [mark.box for mark in marks if not _is_seal(mark)]
    held = [
        one for one in window.page.added_characters if any(box.holds(window.pixels(one.box).centre, 2) for box in boxes)
    ]
    signers = [*letter.earlier, *(v.facts.signer for v in letter.later.values() if v.facts.signer is not None)]
    said = _least_said(held, signers)
    page = ("page", str(window.page.index + 1))
    severity = Severity.ERROR if letter.certified else Severity.WARNING
    found: list[Finding] = []
    where: list[PixelBox] = []
    if said:
        read = plain(" · ".join(said)[:MAX_READ_CHARS])
        found.append(Finding("WORDS-ADDED-BY-SIGNATURE", severity, (page, ("words", read))))
        where.append(around([window.pixels(one.box) for one in held]))
    points = [window.pixels(one.box).centre for one in held]
    unread = [mark for mark in marks if not any(mark.box.holds(point, 2) for point in points)]
    strict = [mark for mark in unread if not (letter.certified and any(mark is one for one in own))]
    if _has_line(window, strict):
        found.append(Finding("WORDS-ADDED-UNREAD", severity, (page,)))
        where.append(around([mark.box for mark in strict]))
    elif _has_line(window, unread):
        found.append(Finding("WORDS-ADDED-UNREAD", Severity.WARNING, (page,)))
    return found, tuple(where) if letter.certified else ()


def _least_said(characters: Sequence[Character], signers: Sequence[Signer]) -> list[str]:
    """The unexplained words in that way to read them which leaves the fewest."""
    found: list[list[str]] = []
    for lines in _ways_to_read(characters):
        found.append(unexplained_words(lines, signers))
        if not found[-1]:
            break
    return min(found, key=len)


def _ways_to_read(characters: Sequence[Character]) -> Iterator[list[str]]:
    """The lines of these characters, upright first, then with the page turned: a seal is drawn as its page lies."""
    turned = list(characters)
    for _ in range(4):
        yield [piece.text for piece in pieces_of(lines_of(turned))]
        turned = [one._replace(box=(one.box[1], -one.box[2], one.box[3], -one.box[0])) for one in turned]


def _is_seal(mark: Mark) -> bool:
    """Whether a mark is one figure with its content: a ring as high as wide, and large."""
    return not mark.framed and min(mark.box.width, mark.box.height) > 100


def _has_line(window: PlaceWindow, marks: Sequence[Mark]) -> bool:
    """Whether some of these marks stand in a row as letters do."""
    low, high = 2.4 * window.scale, 40 * window.scale
    letters = sorted(
        (mark.box for mark in marks if low <= mark.box.height <= high and mark.box.width <= 3 * mark.box.height),
        key=lambda box: (box.bottom // max(1, round(low)), box.left),
    )
    run = 1
    for one, other in pairwise(letters):
        tall = max(one.height, other.height)
        alike = min(one.height, other.height) > 0.5 * tall and abs(one.bottom - other.bottom) < 0.35 * tall
        run = run + 1 if alike and 0 <= other.left - one.right + 1 < 1.2 * tall else 1
        if run >= LINE_OF_SHAPES:
            return True
    return False
