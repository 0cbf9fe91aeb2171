"""The head of an administrative letter: the blanks for number and date, and what is printed there.

NĐ 30/2020 Phụ lục I:
"Số: …/QĐ-UBND" (of the Party: "Số …-QĐ/TU") at the beginning of a line or column, and "Hà Nội, ngày … tháng … năm …".
A blank holds leaders or nothing: one that is written already is text like any other.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from verifier.drawing.placed.characters import Character
from verifier.drawing.placed.reading import Line, text_height
from verifier.drawing.rendering import Box

_LEADERS = "[.…_·‥]*"
_SIGN = r"(?:/(?=[a-z0-9])|-(?=[a-z]{1,6}/[a-z]))"
_NUMBER = re.compile(rf"so:?({_LEADERS}){_SIGN}")
_NUMBER_WRITTEN = re.compile(rf"so:?({_LEADERS}\d{{1,6}}[a-z]?){_SIGN}")
_PART = rf"(\d{{1,2}}|{_LEADERS})"
_DATE = re.compile(rf",ngay{_PART}thang{_PART}nam(?:(20\d\d)(?!\d)|(?:20)?({_LEADERS}$|[.…_·‥]+(?!\d)))")
LINE_GAP = 1.0
"""Text heights before a number's "Số": it begins a line or a column."""
SIGN_GAP = 1.5
"""Text heights within a number's sign ("/QĐ-UBND") at most."""
YEAR_WIDTH = 4.5
"""Text heights that a year's blank is wide where nothing is printed after it."""


class BlankKind(StrEnum):
    """What belongs into a blank."""

    NUMBER = "number"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


DIGITS = {BlankKind.NUMBER: 6, BlankKind.DAY: 2, BlankKind.MONTH: 2, BlankKind.YEAR: 4}
"""How many digits at most."""


@dataclass(frozen=True)
class Blank:
    """A blank on the displayed page, in points; ``height`` is that of the capitals of its column."""

    kind: BlankKind
    box: Box
    height: float
    printed: tuple[str, str, str] = ("", "", "")
    """Day, month and year that the line of a date prints; empty where there is a blank, or nothing can be read."""
    sign: str = ""
    """Printed after a number's blank ("/QĐ-UBND"); empty where it cannot be read."""


@dataclass(frozen=True)
class WrittenHead:
    """What a head prints already: the number with its sign, and the date as day, month and year."""

    number: str = ""
    date: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class HeadLine:
    """The number or the date of a head, written or not: its blanks, what is printed beside them, and the words around.

    ``height`` is that of the capitals of its column, ``sign`` what follows a number.
    """

    blanks: tuple[Blank, ...]
    printed: Mapping[BlankKind, str]
    words: tuple[Character, ...]
    height: float
    sign: str = ""


@dataclass(frozen=True)
class _Folded:
    """A line without case and diacritics; ``characters`` has the one behind each letter of ``text``."""

    line: Line
    text: str
    characters: tuple[Character, ...]


def blanks_of(lines: Sequence[Line]) -> list[Blank]:
    """The blanks of administrative heads among these lines of text."""
    return [blank for line in lines for blank in _blanks(_folded_line(line))]


def _blanks(line: _Folded) -> Iterator[Blank]:
    for match in _NUMBER.finditer(line.text):
        if _begins(line, match.start()):
            yield _between(line, BlankKind.NUMBER, match.span(1), sign=_sign(line, match.end(1)))
    for match in _DATE.finditer(line.text):
        printed = _printed_date(match)
        for kind, group in ((BlankKind.DAY, 1), (BlankKind.MONTH, 2), (BlankKind.YEAR, 4)):
            if match.group(group) is not None and not match.group(group).isdigit():
                yield _between(line, kind, match.span(group), printed)


def _printed_date(match: re.Match[str]) -> tuple[str, str, str]:
    day, month, year = (match.group(group) or "" for group in (1, 2, 3))
    return day if day.isdigit() else "", month if month.isdigit() else "", year


def head_lines(lines: Sequence[Line]) -> list[HeadLine]:
    """The numbers and dates of administrative heads among these lines of text, a written number with its colon."""
    found = []
    for line in map(_folded_line, lines):
        blank = [match for match in _NUMBER.finditer(line.text) if _begins(line, match.start())]
        written = (match for match in _NUMBER_WRITTEN.finditer(line.text) if _begins(line, match.start()))
        for match in (*blank, *(match for match in written if match[0].startswith("so:"))):
            found.append(_head_line(line, match, {BlankKind.NUMBER: match.span(1)}, _sign(line, match.end(1))))
        for match in _DATE.finditer(line.text):
            year = match.span(3) if match[3] is not None else match.span(4)
            parts = {BlankKind.DAY: match.span(1), BlankKind.MONTH: match.span(2)}
            found.append(_head_line(line, match, parts if year == (-1, -1) else parts | {BlankKind.YEAR: year}))
    return found


def _head_line(
    line: _Folded, match: re.Match[str], parts: Mapping[BlankKind, tuple[int, int]], sign: str = ""
) -> HeadLine:
    said = {kind: line.text[slice(*span)].lstrip(".…_·‥") for kind, span in parts.items()}
    printed = {kind: text for kind, text in said.items() if text}
    inside = {index for span in parts.values() for index in range(*span)}
    words = (line.characters[index] for index in range(*match.span()) if index not in inside)
    return HeadLine(
        tuple(_between(line, kind, span) for kind, span in parts.items() if kind not in printed),
        printed,
        tuple(dict.fromkeys(words)),
        text_height(_column(line.characters, *match.span())),
        sign,
    )


def _column(characters: Sequence[Character], start: int, end: int) -> Sequence[Character]:
    """The characters of some words' own column: what stands far to the left or right is set in another size."""
    gap = LINE_GAP * max(one.box[3] - one.box[1] for one in characters[start:end])
    while start > 0 and characters[start].box[0] - characters[start - 1].box[2] <= gap:
        start -= 1
    while end < len(characters) and characters[end].box[0] - characters[end - 1].box[2] <= gap:
        end += 1
    return characters[start:end]


def written_head(lines: Sequence[Line]) -> WrittenHead:
    """The number and the date that heads among these lines print, the first of each."""
    number, date = "", None
    for line in map(_folded_line, lines):
        for match in _NUMBER_WRITTEN.finditer(line.text):
            if not number and _begins(line, match.start()):
                number = _printed(line, match.span(1)).lstrip(".…_·‥") + _sign(line, match.end(1))
        for match in _DATE.finditer(line.text):
            printed = _printed_date(match)
            if all(printed):
                date = date or printed
    return WrittenHead(number, date)


def _between(
    line: _Folded,
    kind: BlankKind,
    span: tuple[int, int],
    printed: tuple[str, str, str] = ("", "", ""),
    sign: str = "",
) -> Blank:
    """From the character before a blank to the one after it, over any leaders; or to where a year would end."""
    start, end = span
    left, height = line.characters[start - 1].box[2], text_height(_column(line.characters, start - 1, end + 1))
    after = line.characters[end].box[0] if end < len(line.characters) else left + YEAR_WIDTH * height
    return Blank(kind, (left, line.line.box[1], after, line.line.box[3]), height, printed, sign)


def _begins(line: _Folded, start: int) -> bool:
    if start == 0:
        return True
    before, first = line.characters[start - 1], line.characters[start]
    return first.box[0] - before.box[2] > LINE_GAP * line.line.height


def _sign(line: _Folded, start: int) -> str:
    """What stands from a number's slash on without a gap, as it is printed."""
    end = start + 1
    characters = line.characters
    while end < len(characters) and characters[end].box[0] - characters[end - 1].box[2] < SIGN_GAP * line.line.height:
        end += 1
    return _printed(line, (start, end))


def _printed(line: _Folded, span: tuple[int, int]) -> str:
    """The characters behind these letters, each once."""
    return "".join(one.text for one in dict.fromkeys(line.characters[span[0] : span[1]]))


def _folded_line(line: Line) -> _Folded:
    pairs = [(letter, one) for one in line.characters for letter in _folded(one.text)]
    return _Folded(line, "".join(letter for letter, _ in pairs), tuple(one for _, one in pairs))


@functools.lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """A character without case and diacritics."""
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
        case BlankKind.YEAR:
            return len(text) in (2, 4)
