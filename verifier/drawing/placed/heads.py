"""The blanks of an administrative head into which the clerk writes number and date (NĐ 30/2020 Phụ lục I).

"Số: …/QĐ-UBND" at the beginning of a line, and "Hà Nội, ngày … tháng … năm …". A blank holds leaders or nothing: one
that is written already is text like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from verifier.drawing.placed.characters import Character
from verifier.drawing.placed.reading import Line
from verifier.drawing.rendering import Box

_NUMBER = re.compile(r"so:?([.…_]*)/(?=[a-z0-9])")
_DATE = re.compile(r",ngay([.…_]*)thang([.…_]*)nam(?=(\d{4})|20|[.…_]*$)")
LINE_GAP = 1.0
"""Text heights before a number's "Số": it begins a line or a column."""


class BlankKind(StrEnum):
    """What belongs into a blank."""

    NUMBER = "number"
    DAY = "day"
    MONTH = "month"


DIGITS = {BlankKind.NUMBER: 6, BlankKind.DAY: 2, BlankKind.MONTH: 2}
"""How many digits at most."""


@dataclass(frozen=True)
class Blank:
    """A blank on the displayed page, in points; ``height`` is that of its line's capitals."""

    kind: BlankKind
    box: Box
    height: float
    year: str = ""
    """Printed after a day's or a month's blank; empty where it cannot be read."""


def blanks_of(lines: Sequence[Line]) -> list[Blank]:
    """The blanks of administrative heads among these lines of text."""
    found = []
    for line in lines:
        text = "".join(_folded(character.text) for character in line.characters)
        if len(text) != len(line.characters):
            continue
        for match in _NUMBER.finditer(text):
            if _begins(line, match.start()):
                found.append(_between(line, BlankKind.NUMBER, match.start(1), match.end(1)))
        for match in _DATE.finditer(text):
            found.append(_between(line, BlankKind.DAY, match.start(1), match.end(1), match.group(3)))
            found.append(_between(line, BlankKind.MONTH, match.start(2), match.end(2), match.group(3)))
    return found


def _between(line: Line, kind: BlankKind, start: int, end: int, year: str | None = None) -> Blank:
    """From the character before a blank to the one after it, over any leaders."""
    before, after = line.characters[start - 1], line.characters[end]
    box = (before.box[2], line.box[1], after.box[0], line.box[3])
    return Blank(kind, box, line.height, year or "")


def _begins(line: Line, start: int) -> bool:
    if start == 0:
        return True
    before, first = line.characters[start - 1], line.characters[start]
    return first.box[0] - before.box[2] > LINE_GAP * line.height


def _folded(text: str) -> str:
    """One character without case and diacritics."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def reads(kind: BlankKind, characters: Sequence[Character]) -> bool:
    """Whether these characters, from left to right, are what belongs into the blank."""
    text = "".join(character.text for character in characters)
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS[kind]:
        return False
    match kind:
        case BlankKind.NUMBER:
            return int(text) > 0
        case BlankKind.DAY:
            return 1 <= int(text) <= 31
        case BlankKind.MONTH:
            return 1 <= int(text) <= 12
