"""The characters that a page paints, as PDFium has them: what each is, where it stands, when it is painted.

A page is read once, in one pass over PDFium's text; what is asked of it afterwards is asked of arrays.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from verifier.drawing.placed.ink import FAINT, contrast_of
from verifier.drawing.rendering import Affine, Box, Picture, RenderedDocument

MAX_CHARACTERS = 30_000
"""Of one page that are read; beyond, nothing on it is explained by its text."""
MAX_OBJECTS = 20_000
"""Of one page that are looked through for what lies over its text."""
NESTING = 4
MAX_PLAIN_SEGMENTS = 8
"""Of an area that may be laid over text: a drawing's box says little of where it paints."""

_MAY_WRITE = (pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_FORM)
"""Text, and a form that is nested too deep to be looked into."""
_Mask = NDArray[np.bool_]
_Boxes = NDArray[np.float64]
"""Left, top, right and bottom, row by row."""


class Character(NamedTuple):
    """One character and its box on the displayed page, in points, origin top left. A tuple: a page has thousands."""

    text: str
    box: Box
    begins: bool = False
    """Whether a space stands before it."""


@dataclass(frozen=True)
class PageText:
    """The painted characters of a page in PDFium's order; ``covers`` is what may lie over them."""

    texts: tuple[str, ...]
    boxes: _Boxes
    """In points of the displayed page."""
    begins: tuple[bool, ...]
    orders: NDArray[np.intp]
    """When the object of each is painted."""
    covers: tuple[tuple[int, Box], ...]
    """When each picture, shading and plain area is painted, and where."""

    def boxes_of(self, char: str) -> _Boxes:
        """Where one character stands, in points of the displayed page."""
        return np.asarray(self.boxes[[number for number, text in enumerate(self.texts) if text == char]])

    def characters(self, which: _Mask | None = None) -> list[Character]:
        """All of them, or those of a mask."""
        boxes = self.boxes.tolist()
        numbers = range(len(boxes)) if which is None else np.flatnonzero(which).tolist()
        return [Character(self.texts[number], tuple(boxes[number]), self.begins[number]) for number in numbers]


def page_text(document: RenderedDocument, index: int) -> PageText:
    """The characters of a page, seen or not, its annotations' left out.

    Raises:
        RenderingError: PDFium cannot load this page.
    """
    page, place = document.page(index).raw, _Display(document, index)
    return _read(page, place, *_painting_order(page, place))


def field_characters(document: RenderedDocument, index: int, own: Collection[Character]) -> list[Character]:
    """The characters that the fields and other annotations of a page draw: those that are not the page's ``own``.

    Raises:
        RenderingError: PDFium cannot load this page.
    """
    if not _annotations_write(document.page(index).raw):
        return []
    display = _Display(document, index)
    with document.flattened(index) as page:
        return [one for one in _read(page, display, {}, ()).characters() if one not in own]


def _annotations_write(page: Any) -> bool:
    """Whether any annotation of a page has text in its appearance, forms within it included."""
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        try:
            for drawn in range(pdfium_c.FPDFAnnot_GetObjectCount(annotation)):
                parts = _parts(pdfium_c.FPDFAnnot_GetObject(annotation, drawn), NESTING)
                if any(pdfium_c.FPDFPageObj_GetType(part) in _MAY_WRITE for part in parts):
                    return True
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)
    return False


def visible_characters(text: PageText, size: tuple[float, float], picture: Picture) -> list[Character]:
    """The characters that are seen in the page's ``picture``: of ink, and not under what is painted later."""
    if not text.texts:
        return []
    across, down = (text.boxes[:, 0] + text.boxes[:, 2]) / 2, (text.boxes[:, 1] + text.boxes[:, 3]) / 2
    shown = _inked(text.boxes / np.array([*size, *size]), picture)
    for order, box in text.covers:
        inside = (across >= box[0]) & (across <= box[2]) & (down >= box[1]) & (down <= box[3])
        shown &= ~(inside & (text.orders < order))
    return text.characters(shown)


def _inked(boxes: _Boxes, picture: Picture) -> _Mask:
    """In which boxes, fractions of the page, a picture shows any ink: by sums over it, as many boxes as there are."""
    height, width = picture.shape[:2]
    sums = cv2.integral((contrast_of(picture) > FAINT).astype(np.uint8))
    left, top = (np.floor(boxes[:, axis] * side).astype(int) for axis, side in ((0, width), (1, height)))
    right, bottom = (np.ceil(boxes[:, axis] * side).astype(int) for axis, side in ((2, width), (3, height)))
    left, right = left.clip(0, width), right.clip(0, width)
    top, bottom = top.clip(0, height), bottom.clip(0, height)
    inside = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray((inside > 0) & (left < right) & (top < bottom))


class _Display:
    """How a page's own coordinates become points of the displayed page."""

    def __init__(self, document: RenderedDocument, index: int) -> None:
        self._affine: Affine = document.to_display(index)
        self._size = document.page_size(index)

    def boxes(self, rectangles: _Boxes) -> _Boxes:
        """Rectangles (left, bottom, right, top) in the page's own coordinates, as displayed."""
        x, y = rectangles[:, 0::2], rectangles[:, 1::2]
        (ax, ay), (bx, by), origin = self._affine
        found = np.empty_like(rectangles)
        for axis, (along_x, along_y) in enumerate(((ax, bx), (ay, by))):
            first, second = np.sort(x * along_x, axis=1), np.sort(y * along_y, axis=1)
            found[:, axis::2] = (first + second + origin[axis]) * self._size[axis]
        return np.asarray(np.round(found, 2))


def _read(page: Any, display: _Display, orders: Mapping[int, int], covers: tuple[tuple[int, Box], ...]) -> PageText:
    """Read PDFium's text of a page; ``orders`` by the addresses of its objects."""
    text = pdfium_c.FPDFText_LoadPage(page)
    try:
        count = pdfium_c.FPDFText_CountChars(text)
        rows = list(_painted_characters(text, count)) if count <= MAX_CHARACTERS else []
    finally:
        pdfium_c.FPDFText_ClosePage(text)
    return PageText(
        texts=tuple(row[0] for row in rows),
        boxes=display.boxes(np.array([row[3] for row in rows], dtype=np.float64).reshape(-1, 4)),
        begins=tuple(row[1] for row in rows),
        orders=np.array([orders.get(row[2], 0) for row in rows], dtype=np.intp),
        covers=covers,
    )


def _painted_characters(text: Any, count: int) -> Iterator[tuple[str, bool, int, tuple[float, float, float, float]]]:
    """Each character that is painted, whether a space stands before it, its object's address, its rectangle."""
    unicode_of, object_of, box_of = (  # asked some thousand times
        pdfium_c.FPDFText_GetUnicode,
        pdfium_c.FPDFText_GetTextObject,
        pdfium_c.FPDFText_GetCharBox,
    )
    edges = (ctypes.c_double * 4)()
    sides = [ctypes.c_double.from_buffer(edges, ctypes.sizeof(ctypes.c_double) * side) for side in range(4)]
    left, right, bottom, top = map(ctypes.byref, sides)
    shapes: dict[int, str] = {}
    painted: dict[int, bool] = {}
    space = True
    for number in range(count):
        code = unicode_of(text, number)
        shape = shapes.get(code)
        if shape is None:
            shape = shapes[code] = _shape(code)
        drawn = object_of(text, number) if shape else None
        if not drawn:
            space = space or not shape
            continue
        address = ctypes.addressof(drawn.contents)
        if address not in painted:
            painted[address] = _is_painted(drawn)
        if painted[address] and box_of(text, number, left, right, bottom, top):
            x0, x1, y0, y1 = edges
            if x1 > x0 and y1 > y0:
                yield shape, space, address, (x0, y0, x1, y1)
                space = False


def _shape(code: int) -> str:
    """A character that leaves ink; empty for spaces and what has no shape."""
    char = chr(code)
    return "" if char.isspace() or not char.isprintable() or char == "\ufffd" else char


def _is_painted(text: Any) -> bool:
    mode = pdfium_c.FPDFTextObj_GetTextRenderMode(text)
    if mode in (pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP):
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetFillColor(text, red, green, blue, alpha):
        return True
    return alpha.value > 127


def _painting_order(page: Any, display: _Display) -> tuple[dict[int, int], tuple[tuple[int, Box], ...]]:
    """When each text is painted, and when what may lie over it: pictures, shadings, plain areas."""
    orders: dict[int, int] = {}
    covers: list[tuple[int, Box]] = []
    for order in range(1, min(pdfium_c.FPDFPage_CountObjects(page), MAX_OBJECTS) + 1):
        thing = pdfium_c.FPDFPage_GetObject(page, order - 1)
        covering = False
        for part in _parts(thing, NESTING):
            if pdfium_c.FPDFPageObj_GetType(part) == pdfium_c.FPDF_PAGEOBJ_TEXT:
                orders[ctypes.addressof(part.contents)] = order
            else:
                covering = covering or _covers(part)
        edges = [ctypes.c_float() for _ in range(4)]
        if covering and pdfium_c.FPDFPageObj_GetBounds(thing, *edges):
            left, top, right, bottom = display.boxes(np.array([[edge.value for edge in edges]]))[0].tolist()
            covers.append((order, (left, top, right, bottom)))
    return orders, tuple(covers)


def _parts(thing: Any, depth: int) -> Iterator[Any]:
    """An object, or what is in it."""
    if pdfium_c.FPDFPageObj_GetType(thing) != pdfium_c.FPDF_PAGEOBJ_FORM or not depth:
        yield thing
    else:
        for number in range(min(pdfium_c.FPDFFormObj_CountObjects(thing), MAX_OBJECTS)):
            yield from _parts(pdfium_c.FPDFFormObj_GetObject(thing, number), depth - 1)


def _covers(part: Any) -> bool:
    kind = pdfium_c.FPDFPageObj_GetType(part)
    if kind != pdfium_c.FPDF_PAGEOBJ_PATH:
        return kind in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_SHADING)
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    filled = pdfium_c.FPDFPath_GetDrawMode(part, mode, stroke) and mode.value != pdfium_c.FPDF_FILLMODE_NONE
    return bool(filled) and pdfium_c.FPDFPath_CountSegments(part) <= MAX_PLAIN_SEGMENTS
