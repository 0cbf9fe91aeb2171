"""The head of a letter that waits for its number and date: which page, which blanks, and how its lines are set.

The blanks are those that the verifier will read (``verifier.drawing.placed.heads``), so that nothing is written which
it would not know for a clerk's work. Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signer.geometry import Rect
from signer.issuing.entry import HeadEntry
from signer.issuing.typesetting import Setting, setting_of
from signer.places import Pages
from signer.refusal import RefusalCode, SealRefused
from verifier.drawing.placed.characters import Character, page_text, visible_characters
from verifier.drawing.placed.heads import Blank, BlankKind, HeadLine, head_lines
from verifier.drawing.placed.reading import lines_of
from verifier.drawing.rendering import Box

MAX_HEAD_PAGES = 300
"""Pages looked through from the first one on: consolidated laws have their head on the last one."""
SEEN_AT = 1.0
"""Pixels a point of the picture in which text has to be seen."""


@dataclass(frozen=True)
class BlankPlace:
    """A blank of the head where it is displayed, and the type of its line. ``leaders``: it holds dots or a line."""

    kind: BlankKind
    box: Rect
    setting: Setting
    leaders: Rect | None


@dataclass(frozen=True)
class LetterHead:
    """What the head says: ``number``, ``day`` and ``month`` as printed, empty where they are to be written."""

    page: int
    blanks: tuple[BlankKind, ...]
    symbol: str
    number: str
    day: str
    month: str
    year: str

    def agrees(self, entry: HeadEntry) -> None:
        """What is printed already is what the entry says.

        Raises:
            SealRefused: HEAD-SAYS-OTHERWISE.
        """
        printed = ((self.number, entry.number), (self.day, entry.day), (self.month, entry.month))
        for there, wanted in (*printed, (self.year, entry.year)):
            if there and there.lstrip("0") != wanted.lstrip("0"):
                told = (("printed", there), ("wanted", wanted))
                raise SealRefused(RefusalCode.HEAD_SAYS_OTHERWISE, told)


@dataclass(frozen=True)
class FoundHead:
    """A head with the places of its blanks."""

    head: LetterHead
    places: tuple[BlankPlace, ...]


def find_head(pages: Pages) -> FoundHead:
    """The one head of the document that has a blank for number, day or month: a number and a date on one page.

    Raises:
        SealRefused: HEAD-WITHOUT-BLANKS (nothing to be written, or no number beside a date), HEAD-AMBIGUOUS (more than
            one), HEAD-YEAR-BLANK.
    """
    found = [one for index in range(min(pages.count, MAX_HEAD_PAGES)) for one in _heads(pages, index)]
    found = [one for one in found if _year(one[2])] or found  # forms in annexes leave the year blank
    if len(found) > 1:
        told = ", ".join(str(index + 1) for index, _, _ in found)
        raise SealRefused(RefusalCode.HEAD_AMBIGUOUS, (("pages", told),))
    if not found:
        raise SealRefused(RefusalCode.HEAD_WITHOUT_BLANKS)
    index, number, date = found[0]
    if not _year(date):
        raise SealRefused(RefusalCode.HEAD_YEAR_BLANK)
    places = tuple(place for line in (number, date) for place in _places(pages, index, line))
    printed: Mapping[BlankKind, str] = {**number.printed, **date.printed}
    said = {kind.value: printed.get(kind, "") for kind in BlankKind}
    head = LetterHead(index, tuple(place.kind for place in places), number.sign.removeprefix("/"), **said)
    return FoundHead(head, places)


def _heads(pages: Pages, index: int) -> list[tuple[int, HeadLine, HeadLine]]:
    """Each pair of a number's and a date's line on a page in which something is blank."""
    text = page_text(pages.rendered, index)
    if not any(line.blanks for line in head_lines(lines_of(text.characters()))):
        return []
    seen = visible_characters(text, pages.rendered.page_size(index), pages.rendered.picture(index, SEEN_AT))
    lines = head_lines(lines_of(seen))
    numbers = [line for line in lines if _kind(line) is BlankKind.NUMBER]
    dates = [line for line in lines if _kind(line) is not BlankKind.NUMBER]
    return [(index, number, date) for number, date in _pairs(_blank_first(numbers), _blank_first(dates))]


def _kind(line: HeadLine) -> BlankKind:
    return next(iter((*line.printed, *(blank.kind for blank in line.blanks))))


def _blank_first(lines: Sequence[HeadLine]) -> list[HeadLine]:
    """Those with a blank; those that are written where there is none."""
    return [line for line in lines if line.blanks] or list(lines)


def _pairs(numbers: Sequence[HeadLine], dates: Sequence[HeadLine]) -> list[tuple[HeadLine, HeadLine]]:
    return [(number, date) for number in numbers for date in dates if number.blanks or date.blanks]


def _year(date: HeadLine) -> str:
    """Four digits; nothing where there is a blank."""
    return date.printed.get(BlankKind.YEAR, "")


def _places(pages: Pages, index: int, line: HeadLine) -> list[BlankPlace]:
    """The blanks of a line in displayed coordinates; nothing stands on them but leaders."""
    if not line.blanks:
        return []
    words = [_displayed(pages, index, character.box) for character in line.words]
    cap_height = line.height * _scale(pages, index)
    upright = _kind(line) is BlankKind.NUMBER
    setting = setting_of(pages.rendered.page(index), pages.geometry(index), words, cap_height, italic=not upright)
    return [_place(pages, index, blank, setting) for blank in line.blanks]


def _place(pages: Pages, index: int, blank: Blank, setting: Setting) -> BlankPlace:
    box = _displayed(pages, index, blank.box)
    leaders = [
        _displayed(pages, index, one.box)
        for one in page_text(pages.rendered, index).characters()
        if _is_within(one, blank.box)
    ]
    around = None
    for one in leaders:
        around = one if around is None else around.around(one)
    return BlankPlace(blank.kind, box, setting, around)


def _is_within(character: Character, box: Box) -> bool:
    across, down = (character.box[0] + character.box[2]) / 2, (character.box[1] + character.box[3]) / 2
    return box[0] < across < box[2] and box[1] < down < box[3]


def _scale(pages: Pages, index: int) -> float:
    return pages.geometry(index).size[0] / max(pages.rendered.page_size(index)[0], 1.0)


def _displayed(pages: Pages, index: int, box: Box) -> Rect:
    """A box of the verifier's (origin top left, user unit not applied) in the signer's coordinates."""
    scale, (_, height) = _scale(pages, index), pages.geometry(index).size
    return Rect(box[0] * scale, height - box[3] * scale, box[2] * scale, height - box[1] * scale)
