"""What a page says, by PDFium's text, where that text is really seen: words and line pieces with their boxes.

Text that is invisible (render mode 3: a scan's OCR), transparent, clipped away, white on white or under a picture is no
text: nobody reads it, so it explains nothing.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium_c

from verifier.drawing.picture_difference import slices_of
from verifier.drawing.placed.ink import FAINT, apart, ground
from verifier.drawing.rendering import Affine, Box, Picture, RenderedDocument

MAX_CHARACTERS = 30_000
"""Of one page that are read; beyond, nothing on it is explained by its text."""
MAX_OBJECTS = 20_000
"""Of one page that are looked through for what lies over its text."""
WORD_GAP = 0.6
"""Text heights between two words where no space is written."""
PIECE_GAP = 2.0
"""Text heights between two pieces of a line that do not read together."""
NESTING = 4
MAX_PLAIN_SEGMENTS = 8
"""Of an area that may be laid over text: a drawing's box says little of where it paints."""


@dataclass(frozen=True)
class Character:
    """One visible character and its box on the displayed page, in points, origin top left."""

    text: str
    box: Box
    begins: bool = False
    """Whether a space stands before it."""


@dataclass(frozen=True)
class Word:
    """Characters that stand together."""

    text: str
    box: Box


@dataclass(frozen=True)
class Line:
    """Characters of one line, from left to right; ``height`` is that of its capitals, in points."""

    characters: tuple[Character, ...]
    box: Box
    height: float


@dataclass(frozen=True)
class Piece:
    """Words of one line that read together: no gap of two text heights between them."""

    words: tuple[Word, ...]
    box: Box
    height: float
    """Of its capitals, in points."""

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def ends_letter(self) -> bool:
        """Whether a letter's text ends here ("./.")."""
        return "".join(word.text for word in self.words).endswith("./.")


def visible_characters(document: RenderedDocument, index: int, picture: Picture) -> list[Character]:
    """The characters of a page that are seen in its ``picture``, annotations' own text left out.

    Raises:
        RenderingError: PDFium cannot load this page.
    """
    page = document.page(index)
    size = document.page_size(index)
    to_display = document.to_display(index)
    text = page.get_textpage()
    try:
        if not 0 < text.count_chars() <= MAX_CHARACTERS:
            return []
        orders, covers = _painting_order(page, to_display, size)
        found = list(_characters(text, orders, to_display, size))
    finally:
        text.close()
    inked = apart(picture, ground(picture)) > FAINT
    return [
        character
        for order, character in found
        if not any(later > order and _inside(character.box, box) for later, box in covers)
        and inked[slices_of(inked.shape, share(character.box, size))].any()
    ]


def _characters(
    text: pypdfium2.PdfTextPage, orders: dict[int, int], to_display: Affine, size: tuple[float, float]
) -> Iterator[tuple[int, Character]]:
    """Characters that are painted, with the place of their object in the order of painting."""
    painted: dict[int, bool] = {}
    space = True
    edges = [ctypes.c_double() for _ in range(4)]
    for number in range(text.count_chars()):
        char = chr(pdfium_c.FPDFText_GetUnicode(text, number))
        if char.isspace() or not char.isprintable() or char == "\ufffd":
            space = True
            continue
        drawn = pdfium_c.FPDFText_GetTextObject(text, number)
        if not drawn:
            continue
        address = _address(drawn)
        if address not in painted:
            painted[address] = _is_painted(drawn)
        if not painted[address] or not pdfium_c.FPDFText_GetCharBox(text, number, *edges):
            continue
        left, right, bottom, top = (edge.value for edge in edges)
        if right > left and top > bottom:
            box = _displayed((left, bottom, right, top), to_display, size)
            yield orders.get(address, 0), Character(char, box, space)
            space = False


def _is_painted(text: Any) -> bool:
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(text)
    if mode in (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP):
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetFillColor(text, red, green, blue, alpha):
        return True
    return alpha.value > 127


def _painting_order(
    page: pypdfium2.PdfPage, to_display: Affine, size: tuple[float, float]
) -> tuple[dict[int, int], list[tuple[int, Box]]]:
    """When each text is painted, and when what may lie over it: pictures, shadings, plain areas."""
    orders: dict[int, int] = {}
    covers: list[tuple[int, Box]] = []
    for order in range(1, min(pdfium_c.FPDFPage_CountObjects(page), MAX_OBJECTS) + 1):
        thing = pdfium_c.FPDFPage_GetObject(page, order - 1)
        covering = False
        for part in _parts(thing, NESTING):
            if pdfium_c.FPDFPageObj_GetType(part) == pdfium_c.FPDF_PAGEOBJ_TEXT:
                orders[_address(part)] = order
            else:
                covering = covering or _covers(part)
        edges = [ctypes.c_float() for _ in range(4)]
        if covering and pdfium_c.FPDFPageObj_GetBounds(thing, *edges):
            left, bottom, right, top = (edge.value for edge in edges)
            covers.append((order, _displayed((left, bottom, right, top), to_display, size)))
    return orders, covers


def _parts(thing: Any, depth: int) -> Iterator[Any]:
    """An object, or what is in it."""
    if pdfium_c.FPDFPageObj_GetType(thing) != pdfium_c.FPDF_PAGEOBJ_FORM:
        yield thing
    elif depth:
        for number in range(min(pdfium_c.FPDFFormObj_CountObjects(thing), MAX_OBJECTS)):
            yield from _parts(pdfium_c.FPDFFormObj_GetObject(thing, number), depth - 1)


def _covers(part: Any) -> bool:
    kind = pdfium_c.FPDFPageObj_GetType(part)
    if kind != pdfium_c.FPDF_PAGEOBJ_PATH:
        return kind in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_SHADING)
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    filled = pdfium_c.FPDFPath_GetDrawMode(part, mode, stroke) and mode.value != pdfium_c.FPDF_FILLMODE_NONE
    return bool(filled) and pdfium_c.FPDFPath_CountSegments(part) <= MAX_PLAIN_SEGMENTS


def _address(thing: Any) -> int:
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _displayed(rectangle: Box, to_display: Affine, size: tuple[float, float]) -> Box:
    """A rectangle in the page's own coordinates in points of the displayed page."""
    (ax, ay), (bx, by), (cx, cy) = to_display
    x0, y0, x1, y1 = rectangle
    across = sorted((x0 * ax, x1 * ax)), sorted((y0 * bx, y1 * bx))
    down = sorted((x0 * ay, x1 * ay)), sorted((y0 * by, y1 * by))
    left, right = ((across[0][end] + across[1][end] + cx) * size[0] for end in (0, 1))
    top, bottom = ((down[0][end] + down[1][end] + cy) * size[1] for end in (0, 1))
    return round(left, 2), round(top, 2), round(right, 2), round(bottom, 2)


def share(box: Box, size: tuple[float, float]) -> Box:
    """A box in points as fractions of the page."""
    return box[0] / size[0], box[1] / size[1], box[2] / size[0], box[3] / size[1]


def _inside(box: Box, other: Box) -> bool:
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= across <= other[2] and other[1] <= down <= other[3]


def drawn_characters(document: RenderedDocument, index: int) -> list[Character]:
    """The characters of a page with those of its fields' appearances, seen or not.

    The appearances become part of the page for that, in this document's memory: it is good for nothing else afterwards.

    Raises:
        RenderingError: PDFium cannot load this page.
    """
    pdfium_c.FPDFPage_Flatten(document.page(index), pdfium_c.FLAT_NORMALDISPLAY)
    document.reload(index)
    return page_characters(document, index)


def page_characters(document: RenderedDocument, index: int) -> list[Character]:
    """The characters of a page, seen or not, its annotations' left out.

    Raises:
        RenderingError: PDFium cannot load this page.
    """
    text = document.page(index).get_textpage()
    try:
        if not 0 < text.count_chars() <= MAX_CHARACTERS:
            return []
        return [
            character for _, character in _characters(text, {}, document.to_display(index), document.page_size(index))
        ]
    finally:
        text.close()


def lines_of(characters: Sequence[Character]) -> list[Line]:
    """Characters set to lines, each from left to right."""
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda one: ((one.box[1] + one.box[3]) / 2, one.box[0])):
        line = next((line for line in reversed(lines[-12:]) if _same_line(line, character)), None)
        if line is None:
            lines.append([character])
        else:
            line.append(character)
    found = []
    for line in lines:
        ordered = tuple(sorted(line, key=lambda one: one.box[0]))
        found.append(Line(ordered, _around([one.box for one in ordered]), text_height(ordered)))
    return found


def pieces_of(lines: Sequence[Line]) -> list[Piece]:
    """The pieces of lines that read together, from top to bottom and left to right."""
    pieces = []
    for line in lines:
        for group in _split(line.characters, PIECE_GAP * line.height):
            words = tuple(
                Word("".join(one.text for one in word), _around([one.box for one in word]))
                for word in _split(group, WORD_GAP * line.height, spaces=True)
            )
            pieces.append(Piece(words, _around([word.box for word in words]), line.height))
    return pieces


def text_height(characters: Sequence[Character]) -> float:
    """The height of capitals and digits among these, in points; their largest letters where there are none."""
    tall = sorted(one.box[3] - one.box[1] for one in characters if one.text.isdigit() or one.text.isupper()) or sorted(
        one.box[3] - one.box[1] for one in characters
    )
    return max(tall[len(tall) // 2], 1.0)


def _same_line(line: Sequence[Character], character: Character) -> bool:
    """Whether a character stands on the line of these: its middle and theirs within each other's height."""
    last = max(line[-8:], key=lambda one: one.box[3] - one.box[1])
    low, high = max(last.box[1], character.box[1]), min(last.box[3], character.box[3])
    return high - low > 0.5 * min(last.box[3] - last.box[1], character.box[3] - character.box[1])


def _split(characters: Sequence[Character], gap: float, spaces: bool = False) -> list[list[Character]]:
    """Groups with less than ``gap`` points between them, split at written spaces too where asked for."""
    groups: list[list[Character]] = []
    right = 0.0
    for character in characters:
        if groups and character.box[0] - right < gap and not (spaces and character.begins):
            groups[-1].append(character)
            right = max(right, character.box[2])
        else:
            groups.append([character])
            right = character.box[2]
    return groups


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
