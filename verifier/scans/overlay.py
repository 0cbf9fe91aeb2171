"""The back-stop: draw the page, draw the pictures of the scan alone by their matrices, and see what differs.

Both are drawn by PDFium, so a picture looks the same in both, whatever its codec; a pixel that differs was painted by
something else, whichever operator did it. Worker process only.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray

from verifier.drawing.picture_difference import boxes_of, marks, without_boxes
from verifier.drawing.rendering import Box, Picture, RenderedDocument
from verifier.guard import Failure, attempt
from verifier.scans.structure import PAGE_SIZED, PageStructure
from verifier.scans.structure import Picture as PagePicture

DRAWN_DPI = 150
MAX_DRAWN_PIXELS = 6_000_000
"""Of one drawing: A3 at the drawing resolution; a larger page is drawn coarser."""
LEVELS = 24
"""Of 255: what interpolation between neighbouring pixels of a picture may add."""
LEAST_PIXELS = 4
"""That differ: less is a rounding of an edge, and no sign has so few."""
LEAST_MARKS = 400
"""Edge pixels on a page from which it carries writing."""
WRITTEN_SHARE = 0.5
"""Share of a page's writing that its lowest layer shows alone, from which what lies over it was added later: 0.03 and
less in real layered scans, 0.9 where a stamp was laid over a scan."""
CELL_PIXELS = 4
ALIKE_LEVELS = 55
"""Of 255: one scan at half and full resolution differs by 40 in its worst cell; one changed digit makes 73 and more."""


@dataclass(frozen=True)
class Drawn:
    """A page as a viewer shows it, and where it shows something that is not the scan.

    ``boxes`` are fractions of the displayed page; ``layered_over``: a page-sized upper layer carries an addition, or
    covers another page.
    """

    picture: Picture
    boxes: tuple[Box, ...] = ()
    signature_boxes: tuple[Box, ...] = ()
    layered_over: bool = False


def draw_page(document: RenderedDocument, index: int, page: Any, structure: PageStructure) -> Drawn:
    """Draw a page and compare it with its scan.

    Raises:
        RenderingError: PDFium cannot draw the page, or the scan alone.
    """
    scale = drawing_scale(document.page_size(index))
    picture = document.picture(index, scale)
    if not structure.paper:
        return Drawn(picture)
    alone = _draw_alone(page, structure.paper, scale, picture.shape)
    signed = tuple(document.displayed_box(index, box) for box in structure.annotations.signatures)
    if alone is None:
        return Drawn(picture, ((0.0, 0.0, 1.0, 1.0),), signed)
    foreign = without_boxes(differing(picture, alone), signed)
    boxes = boxes_of(foreign) if int(foreign.sum()) >= LEAST_PIXELS else ()
    return Drawn(picture, boxes, signed, _layered_over(page, structure, scale, alone))


def drawing_scale(size: tuple[float, float]) -> float:
    """Pixels per point for a page of this size."""
    return min(DRAWN_DPI / 72, math.sqrt(MAX_DRAWN_PIXELS / max(1.0, size[0] * size[1])))


def differing(shown: Picture, expected: Picture) -> NDArray[np.bool_]:
    """The pixels that are outside what the expected picture has at that place or right beside it."""
    kernel = np.ones((3, 3), np.uint8)
    lowest, highest = cv2.erode(expected, kernel).astype(np.int16), cv2.dilate(expected, kernel).astype(np.int16)
    values = shown.astype(np.int16)
    return np.asarray(((values < lowest - LEVELS) | (values > highest + LEVELS)).any(axis=2))


def _draw_alone(
    page: Any, pictures: Sequence[PagePicture], scale: float, shape: tuple[int, ...] | None = None
) -> Picture | None:
    """The pictures alone on an empty page; None where that page has another size."""
    with pikepdf.new() as alone:
        _compose(alone, page, pictures)
        out = io.BytesIO()
        alone.save(out, compress_streams=False)
    with RenderedDocument(out.getvalue()) as document:
        drawn = document.picture(0, scale)
    return drawn if shape is None or drawn.shape == shape else None


def _compose(alone: pikepdf.Pdf, page: Any, pictures: Sequence[PagePicture]) -> None:
    alone.add_blank_page()
    target = alone.pages[0]
    for name in ("/MediaBox", "/CropBox"):
        target.obj[name] = pikepdf.Array([float(value) for value in getattr(page, name[1:].lower())])
    for name in ("/Rotate", "/UserUnit"):
        value = _inherited(page.obj, name)
        if value is not None:
            target.obj[name] = value
    forms = pikepdf.Dictionary()
    for number, picture in enumerate(pictures):
        forms[f"/F{number}"] = _form(alone, page, picture)
    target.obj["/Resources"] = pikepdf.Dictionary(XObject=forms)
    paint = " ".join(f"/F{number} Do" for number in range(len(pictures)))
    target.obj["/Contents"] = alone.make_stream(paint.encode("ascii"))


def _inherited(node: Any, name: str) -> Any:
    for _ in range(50):
        if node.get(name) is not None:
            return node.get(name)
        node = node.get("/Parent")
        if not isinstance(node, pikepdf.Dictionary):
            return None
    return None


def _form(alone: pikepdf.Pdf, page: Any, picture: PagePicture) -> Any:
    """One picture as a form of its own: its matrix, the colour of a stencil, the names that these refer to."""
    painted = picture.painted
    resources = pikepdf.Dictionary()
    spaces = painted.resources.get("/ColorSpace") if painted.resources is not None else None
    if spaces is not None:
        resources["/ColorSpace"] = _foreign(alone, spaces)
    operations: list[Any] = [*painted.fill]
    operations.append(([float(value) for value in painted.matrix], pikepdf.Operator("cm")))
    if isinstance(painted.source, pikepdf.ContentStreamInlineImage):
        operations.append(painted.source)
    else:
        resources["/XObject"] = pikepdf.Dictionary(Im=_foreign(alone, painted.source))
        operations.append(([pikepdf.Name("/Im")], pikepdf.Operator("Do")))
    form = alone.make_stream(pikepdf.unparse_content_stream(operations))
    form["/Type"], form["/Subtype"] = pikepdf.Name("/XObject"), pikepdf.Name("/Form")
    form["/BBox"] = pikepdf.Array([float(value) for value in page.mediabox])
    form["/Resources"] = resources
    return form


def _foreign(alone: pikepdf.Pdf, value: Any) -> Any:
    if value.is_indirect:
        return alone.copy_foreign(value)
    copied = pikepdf.Dictionary()
    for name, part in value.items():
        copied[name] = alone.copy_foreign(part) if getattr(part, "is_indirect", False) else _plain(alone, part)
    return copied


def _plain(alone: pikepdf.Pdf, part: Any) -> Any:
    """A direct value whose references are copied: colour spaces are arrays of names and streams."""
    if isinstance(part, pikepdf.Array):
        return pikepdf.Array(
            [alone.copy_foreign(p) if getattr(p, "is_indirect", False) else _plain(alone, p) for p in part]
        )
    return part


def _layered_over(page: Any, structure: PageStructure, scale: float, whole: Picture) -> bool:
    """Was a page-sized layer laid over a page that carries its writing already?

    In a layered scan the lowest layer is the paper without its letters. If it has them, the upper layer is an addition
    (a transparent picture with a stamp), or covers the page with another one.
    """
    sized = [picture for picture in structure.paper if picture.share >= PAGE_SIZED]
    if len(sized) < 2:
        return False
    lowest = attempt("layer", lambda: _draw_alone(page, sized[:1], scale, whole.shape))
    if isinstance(lowest, Failure) or lowest is None:
        return False
    if any(not picture.see_through for picture in sized[1:]):
        return _mean_difference(lowest, whole) > ALIKE_LEVELS
    changed = differing(whole, lowest)
    written = marks(whole)
    if int(changed.sum()) < LEAST_PIXELS or int(written.sum()) < LEAST_MARKS:
        return False
    return int((written & marks(lowest) & ~changed).sum()) > WRITTEN_SHARE * int(written.sum())


def _mean_difference(first: Picture, second: Picture) -> float:
    """The largest mean difference of a coarse cell: two scans of one page agree, another page or a change does not."""
    size = (max(1, first.shape[1] // CELL_PIXELS), max(1, first.shape[0] // CELL_PIXELS))
    one, other = (cv2.resize(p, size, interpolation=cv2.INTER_AREA).astype(np.int16) for p in (first, second))
    return float(np.abs(one - other).max())
