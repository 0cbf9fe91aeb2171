"""Pages as pictures (PDFium). Runs in the worker process only."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from PIL import Image

from verifier.drawing.drawing_cost import PageCosts

Picture = NDArray[np.uint8]
"""Height × width × 3, red green blue."""

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions of the displayed page, origin top left."""

Rectangle = tuple[float, float, float, float]
"""(left, bottom, right, top) in the page's own coordinates, points, origin bottom left."""

Window = tuple[slice, slice]
"""Rows and columns of a picture."""

Affine = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
"""What one unit along x and one along y add to (across, down), and where the origin is, as fractions of the page."""

SAME_BOX = 0.004
"""Of a page's side by which the boxes of one field may differ."""
REACH = 1000
"""Units of a page's own coordinates over which its scale is measured."""
SIGNATURE_FIELD = pdfium_c.FPDF_FORMFIELD_SIGNATURE

COMPARISON_DPI = 72
MAX_PIXELS = 1_500_000
"""Of one picture in a comparison: a poster is drawn coarser, never skipped."""
MAX_RESOLUTIONS = 100
"""Pictures of one page that are asked for their resolution."""
MAX_PICTURE_PIXELS = 24_000_000
"""Of one picture for the officer."""
ROUNDING = 1e-3
"""Pixels: PDFium's binding rounds up, so a width is asked for a hair smaller."""


class RenderingError(Exception):
    """PDFium could not open the document or draw the page."""


class PasswordNeededError(RenderingError):
    """The document is encrypted, and the password is missing or wrong."""


class RenderedDocument:
    """A document, or the revision that ends at byte ``end``, opened by PDFium with its form fields drawn.

    Raises:
        RenderingError: PDFium cannot open it (wrong password, no page tree).
    """

    def __init__(
        self, data: bytes, end: int | None = None, password: str | None = None, costs: PageCosts | None = None
    ) -> None:
        length = len(data) if end is None else end
        handle = _opened(data, length, password)
        self._data = data  # PDFium reads from it until the document is closed
        self._costs = costs or PageCosts(data, length, password)
        self._costs_are_own = costs is None
        self._opened_as = (end, password)
        self._document = pypdfium2.PdfDocument(handle)
        try:
            self._document.init_forms()
        except pypdfium2.PdfiumError as problem:
            self._document.close()
            raise RenderingError(str(problem)) from problem
        self.page_count = len(self._document)
        self._held: tuple[int, pypdfium2.PdfPage] | None = None

    def __enter__(self) -> RenderedDocument:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        self._release()
        self._document.close()
        if self._costs_are_own:
            self._costs.close()

    @contextmanager
    def flattened(self, index: int) -> Iterator[Any]:
        """A page of which its fields' appearances have become part, in a copy of the document: PDFium's own handle.

        Raises:
            RenderingError: PDFium cannot load this page, or it costs too much to draw.
        """
        with RenderedDocument(self._data, *self._opened_as, self._costs) as copy:
            pdfium_c.FPDFPage_Flatten(copy.page(index), pdfium_c.FLAT_NORMALDISPLAY)
            copy._release()
            yield copy.page(index).raw

    def page_size(self, index: int) -> tuple[float, float]:
        """Width and height in points as displayed (rotation and crop box applied)."""
        width, height = self._document.get_page_size(index)
        return float(width), float(height)

    def picture(
        self,
        index: int,
        scale: float,
        without: Sequence[Rectangle] = (),
        window: Window | None = None,
    ) -> Picture:
        """Draw a page, annotations and form fields included; ``scale`` is pixels per point.

        Fields whose rectangles are named in ``without`` are left out. With a ``window``, only these rows and columns
        of the picture are drawn.

        Raises:
            RenderingError: PDFium cannot load or draw this page.
        """
        page = self.page(index)
        hidden: list[tuple[int, int]] = []
        try:
            for rectangle in without:
                hidden.extend(_hide_fields(page, rectangle))
            return _draw(page, scale, window)
        except (pypdfium2.PdfiumError, ValueError) as problem:
            raise RenderingError(f"page {index}: {problem}") from problem
        finally:
            _show_fields(page, hidden)
            if without:
                self._release()

    def page(self, index: int) -> pypdfium2.PdfPage:
        """A page, read once as long as no other one is asked for; this document closes it.

        Raises:
            RenderingError: PDFium cannot load this page, or it costs too much to draw (``drawing_cost.py``).
        """
        if self._held is None or self._held[0] != index:
            self._release()
            if self._costs.too_much(index):
                raise RenderingError(f"page {index}: too much to draw")
            try:
                self._held = (index, self._document[index])
            except (pypdfium2.PdfiumError, IndexError) as problem:
                raise RenderingError(f"page {index}: {problem}") from problem
        return self._held[1]

    def picture_resolutions(self, index: int) -> list[float]:
        """Dots per inch of the pictures on the page, the first ``MAX_RESOLUTIONS``, as PDFium says.

        It is wrong for turned ones; 0 where PDFium cannot tell.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        found = []
        pictures = self.page(index).get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=2)
        for picture in islice(pictures, MAX_RESOLUTIONS):
            try:
                told = picture.get_metadata()
            except pypdfium2.PdfiumError:
                found.append(0.0)
            else:
                found.append(float(min(told.horizontal_dpi, told.vertical_dpi)))
        return found

    def to_display(self, index: int) -> Affine:
        """How a page's own coordinates become fractions of the displayed page.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        origin, right, up = (self._device(index, x, y) for x, y in ((0, 0), (REACH, 0), (0, REACH)))
        columns = [((to[0] - origin[0]) / REACH, (to[1] - origin[1]) / REACH) for to in (right, up)]
        return columns[0], columns[1], origin

    def signature_boxes(self, index: int) -> list[Box]:
        """Where the signature fields of a page stand that have a size, as displayed.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        page = self.page(index)
        return [self.displayed_box(index, there) for kind, there in _widgets(page) if kind == SIGNATURE_FIELD]

    def rectangles(self, index: int, boxes: Sequence[Box]) -> list[Rectangle]:
        """The rectangles, in the page's own coordinates, of the fields that stand in these displayed boxes.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        found = [(self.displayed_box(index, there), there) for _, there in _widgets(self.page(index))]
        return [there for box, there in found if any(_alike(box, other) for other in boxes)]

    def field_boxes(self, index: int) -> list[Box]:
        """Where the fields of a page stand, signatures and others, as displayed.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        return [self.displayed_box(index, there) for _, there in _widgets(self.page(index))]

    def _device(self, index: int, x: float, y: float) -> tuple[float, float]:
        unit = 1_000_000
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(self.page(index), 0, 0, unit, unit, 0, x, y, across, down)
        return across.value / unit, down.value / unit

    def _release(self) -> None:
        if self._held is not None:
            self._held[1].close()
            self._held = None

    def displayed_box(self, index: int, rectangle: Rectangle) -> Box:
        """A rectangle in the page's own coordinates as it is displayed.

        Raises:
            RenderingError: PDFium cannot load this page.
        """
        (x0, y0), (x1, y1) = (self._device(index, x, y) for x, y in (rectangle[:2], rectangle[2:]))
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def comparison_scale(size: tuple[float, float]) -> float:
    """Pixels per point for a comparison of pages of this size."""
    area = max(size[0] * size[1], 1.0)
    return min(COMPARISON_DPI / 72, math.sqrt(MAX_PIXELS / area))


def page_sizes(data: bytes, password: str | None = None) -> list[tuple[float, float]]:
    """Width and height in points of every page as displayed.

    Raises:
        RenderingError: PDFium cannot open it.
    """
    with RenderedDocument(data, None, password) as document:
        return [document.page_size(index) for index in range(document.page_count)]


def render_page(data: bytes, index: int, width_px: int, password: str | None = None, end: int | None = None) -> bytes:
    """One page as PNG, ``width_px`` wide; with ``end``, as the revision that ends at that byte shows it.

    Raises:
        RenderingError: PDFium cannot open the document or draw the page.
    """
    with RenderedDocument(data, end, password) as document:
        if not 0 <= index < document.page_count:
            raise RenderingError(f"no page {index}")
        width, height = document.page_size(index)
        scale = min((width_px - ROUNDING) / max(width, 1.0), math.sqrt(MAX_PICTURE_PIXELS / max(width * height, 1.0)))
        return to_png(document.picture(index, scale))


def to_png(picture: Picture) -> bytes:
    """A picture as PNG bytes."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def _draw(page: pypdfium2.PdfPage, scale: float, window: Window | None) -> Picture:
    """Draw the page and, over it, its form fields."""
    width, height = math.ceil(page.get_width() * scale), math.ceil(page.get_height() * scale)
    if width < 1 or height < 1:
        raise ValueError("a page without size")
    rows, columns = window if window is not None else (slice(None), slice(None))
    (top, bottom, _), (left, right, _) = rows.indices(height), columns.indices(width)
    if top >= bottom or left >= right:
        raise ValueError("a window without size")
    picture: Picture = np.full((bottom - top, right - left, 3), 255, dtype=np.uint8)
    bitmap = _over(picture)
    flags = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_REVERSE_BYTE_ORDER
    place = (-left, -top, width, height, 0, flags)
    pause = pdfium_c.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: False)
    try:  # drawn in steps without a pause: the other way does not say whether it failed
        status = pdfium_c.FPDF_RenderPageBitmap_Start(bitmap, page, *place, pause)
        pdfium_c.FPDF_RenderPage_Close(page)
        if status != pdfium_c.FPDF_RENDER_DONE:
            raise ValueError("PDFium failed")
        if page.formenv:
            pdfium_c.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)
    return picture


def _over(picture: Picture) -> pdfium_c.FPDF_BITMAP:
    """A bitmap that draws into the picture's own memory: a copy takes longer than a page of text."""
    height, width, _ = picture.shape
    first = picture.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium_c.FPDFBitmap_CreateEx(width, height, pdfium_c.FPDFBitmap_BGR, first, picture.strides[0])
    if not bitmap:
        raise ValueError("PDFium has no bitmap of this size")
    return bitmap


def _opened(data: bytes, length: int, password: str | None) -> pdfium_c.FPDF_DOCUMENT:
    """PDFium's handle of a document that ends after so many bytes.

    Raises:
        RenderingError: PDFium cannot open it.
    """
    for candidate in dict.fromkeys((password or "", "")):  # a password that is not needed does no harm
        handle = pdfium_c.FPDF_LoadMemDocument64(data, length, candidate.encode("utf-8") + b"\x00")
        if handle:
            return handle
    error = pdfium_c.FPDF_GetLastError()
    if error == pdfium_c.FPDF_ERR_PASSWORD:
        raise PasswordNeededError("password")
    raise RenderingError(f"PDFium error {error}")


def _alike(one: Box, other: Box) -> bool:
    return all(abs(a - b) < SAME_BOX for a, b in zip(one, other, strict=True))


def _widgets(page: pypdfium2.PdfPage) -> Iterator[tuple[int, Rectangle]]:
    """The fields on a page: their type as PDFium counts them, and their rectangle."""
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        found = pdfium_c.FS_RECTF()
        if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET and pdfium_c.FPDFAnnot_GetRect(
            annotation, found
        ):
            kind = pdfium_c.FPDFAnnot_GetFormFieldType(page.formenv, annotation) if page.formenv else -1
            if found.right > found.left and found.top > found.bottom:
                yield kind, (found.left, found.bottom, found.right, found.top)
        pdfium_c.FPDFPage_CloseAnnot(annotation)


def _hide_fields(page: pypdfium2.PdfPage, rectangle: Rectangle) -> list[tuple[int, int]]:
    """Set the Hidden flag on the widgets that stand at this rectangle; their numbers on the page and flags before.

    PDFium keeps what was set for as long as the document is open, so that it has to be undone.
    """
    hidden = []
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if not annotation:
            continue
        found = pdfium_c.FS_RECTF()
        if pdfium_c.FPDFAnnot_GetSubtype(annotation) == pdfium_c.FPDF_ANNOT_WIDGET and pdfium_c.FPDFAnnot_GetRect(
            annotation, found
        ):
            there = (found.left, found.bottom, found.right, found.top)
            if all(abs(a - b) < 1 for a, b in zip(there, rectangle, strict=True)):
                flags = pdfium_c.FPDFAnnot_GetFlags(annotation)
                pdfium_c.FPDFAnnot_SetFlags(annotation, flags | pdfium_c.FPDF_ANNOT_FLAG_HIDDEN)
                hidden.append((number, flags))
        pdfium_c.FPDFPage_CloseAnnot(annotation)
    return hidden


def _show_fields(page: pypdfium2.PdfPage, hidden: Sequence[tuple[int, int]]) -> None:
    """Give widgets the flags back that they had, the last hidden first: one may have been hidden twice."""
    for number, flags in reversed(hidden):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, number)
        if annotation:
            pdfium_c.FPDFAnnot_SetFlags(annotation, flags)
            pdfium_c.FPDFPage_CloseAnnot(annotation)
