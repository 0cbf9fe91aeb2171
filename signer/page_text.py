"""Where words stand on a page: the text layer as rows of letters, in displayed coordinates, and phrases found in it.

Vietnamese in PDFs comes composed or with its tone marks as letters of their own (NFC, NFD, or marks in any order),
spaced out letter by letter, in two columns of one row, and broken over rows. So letters are compared without case,
spaces and punctuation, each letter composed with the marks that stand over it.
"""

from __future__ import annotations

import ctypes
import statistics
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import pypdfium2
import pypdfium2.raw as pdfium_c

from signer.geometry import PageGeometry, Rect

MAX_LETTERS = 40_000
"""Letters read from a page; a page of small print has about 6,000."""

ROW_TOLERANCE = 0.5
"""Base lines within this share of a letter's height are one row."""

COLUMN_GAP = 2.2
"""A gap wider than this many letter heights parts two columns of a row (about 1.5 em)."""

NEXT_ROW = 4.0
"""A phrase goes on at most this many letter heights below."""

SAME_COLUMN = 100.0
"""Points by which the middles of two rows of one phrase may be apart."""


@dataclass(frozen=True)
class Letter:
    """One letter or digit with its marks, as it is compared; its box and base line in displayed points."""

    text: str
    box: Rect
    base: float


@dataclass(frozen=True)
class Found:
    """A phrase on the page; ``beside`` counts the letters that stand with it in its row and are not of it."""

    box: Rect
    beside: int


@dataclass(frozen=True)
class PageText:
    """The rows of a page from top to bottom, each from left to right."""

    rows: tuple[tuple[Letter, ...], ...]

    def find(self, phrase: str) -> list[Found]:
        """Every place of a phrase: within one row, or as whole pieces of rows under each other."""
        wanted = comparable(phrase)
        if not wanted:
            return []
        found = [place for row in self.rows for place in _in_row(row, wanted)]
        pieces = [[(_pieces_text(piece), piece) for piece in _pieces(row)] for row in self.rows]
        for index, row in enumerate(pieces):
            for text, piece in row:
                if text != wanted and wanted.startswith(text):
                    found += _continued(pieces, index, piece, wanted[len(text) :])
        return found

    def begins(self, phrase: str, least: int) -> list[Found]:
        """Every whole piece of a row with which the phrase begins, of at least so many letters."""
        wanted = comparable(phrase)
        pieces = (piece for row in self.rows for piece in _pieces(row))
        texts = ((_pieces_text(piece), piece) for piece in pieces)
        return [Found(_around(piece), 0) for text, piece in texts if len(text) >= least and wanted.startswith(text)]


@lru_cache(maxsize=4096)
def comparable(text: str) -> str:
    """Letters and digits of a text, composed, without case; one character each."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return "".join(character for character in unicodedata.normalize("NFC", composed) if character.isalnum())


def read_page_text(page: pypdfium2.PdfPage, geometry: PageGeometry) -> PageText:
    """The text of an open page.

    Raises:
        pypdfium2.PdfiumError: PDFium cannot read it.
    """
    text_page = page.get_textpage()
    try:
        letters = _compose(list(_characters(text_page, geometry)))
    finally:
        text_page.close()
    return PageText(_rows(letters))


def _characters(text_page: pypdfium2.PdfTextPage, geometry: PageGeometry) -> Iterator[Letter]:
    """Letters, digits and loose marks as PDFium lists them."""
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    corners = [ctypes.byref(value) for value in (left, right, bottom, top)]
    origin = [ctypes.byref(value) for value in (x, y)]
    displayed = geometry.displaying()
    for index in range(min(pdfium_c.FPDFText_CountChars(text_page), MAX_LETTERS)):
        code = pdfium_c.FPDFText_GetUnicode(text_page, index)
        character = chr(code) if 0 < code < 0x110000 else ""
        if not character or not (character.isalnum() or unicodedata.combining(character)):
            continue
        if not pdfium_c.FPDFText_GetCharBox(text_page, index, *corners):
            continue
        pdfium_c.FPDFText_GetCharOrigin(text_page, index, *origin)
        (x0, y0), (x1, y1) = displayed(left.value, bottom.value), displayed(right.value, top.value)
        box = Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        yield Letter(character, box, displayed(x.value, y.value)[1])


def _compose(characters: Sequence[Letter]) -> list[Letter]:
    """Give loose marks to the letter before them: Unicode's order, which writers of PDF keep."""
    letters: list[Letter] = []
    for character in characters:
        if not unicodedata.combining(character.text):
            letters.append(character)
        elif letters:
            letters[-1] = Letter(letters[-1].text + character.text, letters[-1].box, letters[-1].base)
    compared = [(letter, comparable(letter.text)[:1]) for letter in letters]
    return [one if text == one.text else Letter(text, one.box, one.base) for one, text in compared if text]


def _rows(letters: Sequence[Letter]) -> tuple[tuple[Letter, ...], ...]:
    if not letters:
        return ()
    height = statistics.median(letter.box.height for letter in letters) or 1.0
    rows: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda letter: -letter.base):
        if rows and rows[-1][0].base - letter.base <= ROW_TOLERANCE * height:
            rows[-1].append(letter)
        else:
            rows.append([letter])
    return tuple(tuple(sorted(row, key=lambda letter: letter.box.x0)) for row in rows)


def _in_row(row: Sequence[Letter], wanted: str) -> Iterator[Found]:
    """The phrase within a row, whatever space lies between its letters."""
    text = _pieces_text(row)
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        inner = [_gap(row, index) for index in range(start + 1, end)]
        height = _height(row[start:end])
        loose = max(COLUMN_GAP * height, 1.2 * max(inner, default=0.0))
        if max(inner, default=0.0) <= max(COLUMN_GAP * height, 2.5 * statistics.median(inner or [0.0])):
            first, last = start, end
            while first > 0 and _gap(row, first) <= loose:
                first -= 1
            while last < len(row) and _gap(row, last) <= loose:
                last += 1
            yield Found(_around(row[start:end]), last - first - len(wanted))
        start = text.find(wanted, start + 1)


def _continued(
    pieces: Sequence[Sequence[tuple[str, Sequence[Letter]]]], index: int, above: Sequence[Letter], rest: str
) -> list[Found]:
    """The rest of a phrase as whole pieces of the rows below."""
    box, height = _around(above), _height(above)
    for row in pieces[index + 1 :]:
        for text, piece in row:
            lower = _around(piece)
            if box.y0 - lower.y1 > NEXT_ROW * height:
                return []
            if abs(box.x0 + box.x1 - lower.x0 - lower.x1) / 2 > SAME_COLUMN or not rest.startswith(text):
                continue
            both = box.around(lower)
            if rest == text:
                return [Found(both, 0)]
            further = _continued(pieces, pieces.index(row), piece, rest[len(text) :])
            return [Found(box.around(one.box), one.beside) for one in further]
    return []


def _pieces(row: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    """A row parted where a column ends."""
    start, height = 0, _height(row)
    for index in range(1, len(row)):
        if _gap(row, index) > COLUMN_GAP * height:
            yield row[start:index]
            start = index
    yield row[start:]


def _pieces_text(letters: Sequence[Letter]) -> str:
    return "".join(letter.text for letter in letters)


def _gap(row: Sequence[Letter], index: int) -> float:
    return row[index].box.x0 - row[index - 1].box.x1


def _height(letters: Sequence[Letter]) -> float:
    return statistics.median(letter.box.height for letter in letters) or 1.0


def _around(letters: Sequence[Letter]) -> Rect:
    return reduce(Rect.around, (letter.box for letter in letters))
