"""The blanks of an administrative head into which the clerk writes number and date (NĐ 30/2020 Phụ lục I).

"Số: …/QĐ-UBND" at the beginning of a line, and "Hà Nội, ngày … tháng … năm …"; drafters print the month as well
("ngày … tháng 4 năm 2018"). A blank holds leaders or nothing: one that is written already is text like any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from verifier.drawing.placed.reading import Character, Line, text_height
from verifier.drawing.rendering import Box

_NUMBER = re.compile(r"so:?([.…_]*|(?<=:)\d{1,6})/(?=[a-z0-9])")
_DATE = re.compile(r",ngay([.…_]*|\d{1,2})thang([.…_]*|\d{1,2})nam(?=(\d{4})|20|[.…_]*$)")
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
    """A blank on the displayed page, in points; ``height`` is that of the capitals of its column."""

    kind: BlankKind
    box: Box
    height: float
    year: str = ""
    """Printed after a day's or a month's blank; empty where it cannot be read."""


@dataclass(frozen=True)
class HeadLine:
    """A head's number or date as its page has it.

    ``printed`` holds what is printed of number, day and month, nothing for what is blank; ``words`` are the characters
    around them, ``rest`` those that follow in the line (the symbol after the number's slash).
    """

    printed: Mapping[BlankKind, str]
    blanks: tuple[Blank, ...]
    words: tuple[Character, ...]
    rest: tuple[Character, ...]
    height: float
    year: str = ""


def blanks_of(lines: Sequence[Line]) -> list[Blank]:
    """The blanks of administrative heads among these lines of text."""
    return [blank for head in head_lines(lines) for blank in head.blanks]


def head_lines(lines: Sequence[Line]) -> list[HeadLine]:
    """The numbers and dates of administrative heads among these lines of text, written or not."""
    found = []
    for line in lines:
        text = "".join(_folded(character.text) for character in line.characters)
        if len(text) != len(line.characters):
            continue
        for match in _NUMBER.finditer(text):
            if _begins(line, match.start()):
                found.append(_head_line(line, match, (BlankKind.NUMBER,)))
        for match in _DATE.finditer(text):
            found.append(_head_line(line, match, (BlankKind.DAY, BlankKind.MONTH), match.group(3) or ""))
    return found


def _head_line(line: Line, match: re.Match[str], kinds: Sequence[BlankKind], year: str = "") -> HeadLine:
    """What a pattern found, one group for each kind."""
    height = text_height(_column(line.characters, *match.span()))
    printed = {kind: match[number] for number, kind in enumerate(kinds, 1) if match[number].isdigit()}
    spans = [(kind, match.span(number)) for number, kind in enumerate(kinds, 1) if kind not in printed]
    inside = {index for number in range(1, len(kinds) + 1) for index in range(*match.span(number))}
    return HeadLine(
        printed,
        tuple(_between(line, kind, *span, height, year) for kind, span in spans),
        tuple(line.characters[index] for index in range(*match.span()) if index not in inside),
        line.characters[match.end() :],
        height,
        year,
    )


def _column(characters: Sequence[Character], start: int, end: int) -> Sequence[Character]:
    """The characters of some words' own column: what stands far to the left or right is set in another size."""
    gap = LINE_GAP * max(one.box[3] - one.box[1] for one in characters[start:end])
    while start > 0 and characters[start].box[0] - characters[start - 1].box[2] <= gap:
        start -= 1
    while end < len(characters) and characters[end].box[0] - characters[end - 1].box[2] <= gap:
        end += 1
    return characters[start:end]


def _between(line: Line, kind: BlankKind, start: int, end: int, height: float, year: str) -> Blank:
    """From the character before a blank to the one after it, over any leaders."""
    before, after = line.characters[start - 1], line.characters[end]
    box = (before.box[2], line.box[1], after.box[0], line.box[3])
    return Blank(kind, box, height, year)


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
