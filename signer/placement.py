"""Free space on a page: where the mark and the seals may stand without covering anything.

The page is rendered with its annotations at one pixel a point; whatever is not blank counts as taken, and so does every
annotation's rectangle. Sizes and places are in displayed coordinates (``signer.geometry``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from pyhanko.pdf_utils import generic

from signer.geometry import MM, PageGeometry, Rect, entry
from signer.qr import SHAPES, MarkShape
from signer.refusal import RefusalCode, SealRefused
from signer.update import array, dictionary
from verifier.drawing.rendering import Rectangle, RenderedDocument, RenderingError

BLANK_LUMINANCE = 215
"""Lighter than this (0 to 255) is paper: the grey of a scanned page is, pale guilloche and light grey print are not."""

MAX_INK_SHARE = 0.0004
"""Share of dark pixels in a blank area: a speck of a scan, not a letter (a 10 pt letter is 0.2 % of a seal's area)."""

CLEARANCE = 1.0 * MM
"""Distance kept from anything that is there."""

EDGE = 8.0 * MM
"""Distance of seals from the page's edges; office printers leave about 5 mm unprinted."""

MARGIN_EDGE = 3.0 * MM
"""The same where seals are let out into the margins: the last place before a refusal."""

MARK_EDGE = 4.0 * MM
MARK_REACH = (45.0 * MM, 60.0 * MM)
"""How far from the top left corner the mark may begin, to the right and down."""

DISC_CLEARANCE = 0.4 * MM
"""Distance kept around a round seal in real size, which has to stand between lines of text."""

NOTE_REACH = (60.0 * MM, 50.0 * MM)
"""How far from the top right corner a note may end, to the left and down."""

STEP = 1.5 * MM
RIGHT_MARGIN = 15.0 * MM
"""NĐ 30/2020 Phụ lục I: right margin 15 to 20 mm; the signatures stand at the right."""

MAX_SIDE_PIXELS = 4000
"""Longest side of a rendering: a page of 1.4 m at one pixel a point; larger pages are rendered coarser."""


class FreeSpace:
    """What is taken on one displayed page; places found are taken from then on."""

    def __init__(self, luminance: npt.NDArray[np.uint8], size: tuple[float, float], taken: Iterable[Rect]) -> None:
        """``luminance`` is the rendered page (darkest channel), first row at the top; ``size`` is in points."""
        self.width, self.height = size
        rows, columns = luminance.shape
        self._scale = (columns / self.width, rows / self.height)
        self._dark = luminance < BLANK_LUMINANCE
        ink = np.zeros((rows + 1, columns + 1), dtype=np.int32)
        np.cumsum(self._dark, axis=1, dtype=np.int32, out=ink[1:, 1:])
        for above, row in pairwise(ink):  # by rows: numpy's own sum down the columns takes twice as long
            np.add(row, above, out=row)
        self._ink = ink
        self._taken = list(taken)

    def is_free(self, box: Rect) -> bool:
        """Is the box, with clearance, on the page, blank and not taken."""
        return bool(self._free([box.x0], [box.y0], (box.width, box.height))[0, 0])

    def is_blank(self, box: Rect) -> bool:
        """Is nothing drawn in the box, whether it is taken or not."""
        return bool(self._blank([box.x0], [box.y0], (box.width, box.height), 0.0)[0, 0])

    def is_disc_free(self, x: float, y: float, radius: float, field: Rect | None = None) -> bool:
        """Is a round seal on the page, over nothing drawn and no annotation but the one at ``field``."""
        if min(x, y) < radius or x + radius > self.width or y + radius > self.height:
            return False
        reach = radius + DISC_CLEARANCE
        for other in self._taken:
            near = (min(max(x, other.x0), other.x1), min(max(y, other.y0), other.y1))
            if other != field and (near[0] - x) ** 2 + (near[1] - y) ** 2 < reach**2:
                return False
        sx, sy = self._scale
        rows, columns = self._dark.shape
        left, right = max(int((x - reach) * sx), 0), min(int((x + reach) * sx) + 1, columns)
        top, bottom = max(int((self.height - y - reach) * sy), 0), min(int((self.height - y + reach) * sy) + 1, rows)
        across = (np.arange(left, right) + 0.5) / sx
        down = self.height - (np.arange(top, bottom) + 0.5) / sy
        inside = (across[None, :] - x) ** 2 + (down[:, None] - y) ** 2 <= reach**2
        return int((self._dark[top:bottom, left:right] & inside).sum()) <= MAX_INK_SHARE * int(inside.sum())

    def blank_band(self, x0: float, x1: float, low: float, high: float) -> tuple[float, float]:
        """The highest band without anything drawn between two heights, over the columns from ``x0`` to ``x1``."""
        sx, sy = self._scale
        rows, columns = self._dark.shape
        top, bottom = max(int((self.height - high) * sy), 0), min(int((self.height - low) * sy), rows)
        inked = self._dark[top:bottom, max(int(x0 * sx), 0) : min(int(x1 * sx) + 1, columns)].any(axis=1)
        marks = [-1, *(int(row) for row in np.flatnonzero(inked)), bottom - top]
        upper, lower = max(pairwise(marks), key=lambda pair: pair[1] - pair[0])
        return self.height - (top + lower) / sy, self.height - (top + upper + 1) / sy

    def first_free(self, boxes: Sequence[Rect], size: tuple[float, float], edge: float) -> tuple[float, float] | None:
        """Where a group of boxes (relative to its lower left corner) fits, from the bottom of the page upwards.

        At the right margin if anywhere, else at the page's right edge, else as far to the right as there is room.
        """
        width, height = size
        ys = list(_steps(edge, self.height - edge - height))
        rights = [self.width - right - width for right in (RIGHT_MARGIN, edge)]
        anywhere = [self.width - offset - width for offset in _steps(edge, self.width - edge - width)]
        for xs in ([rights[0]], [rights[1]], anywhere):
            columns = [x for x in xs if x >= edge]
            if not columns or not ys:
                continue
            free = np.ones((len(ys), len(columns)), dtype=bool)
            for box in boxes:
                own = (box.width, box.height)
                free &= self._free([x + box.x0 for x in columns], [y + box.y0 for y in ys], own)
            rows = np.flatnonzero(free.any(axis=1))
            if rows.size:
                return columns[int(free[rows[0]].argmax())], ys[int(rows[0])]
        return None

    def take(self, box: Rect) -> Rect:
        """Mark a box as taken."""
        self._taken.append(box)
        return box

    def release(self, count: int) -> None:
        """Give the last places back."""
        del self._taken[len(self._taken) - count :]

    def place_mark(self, modules: int) -> tuple[Rect, MarkShape]:
        """Find the mark's place, the largest QR first, nearest to the top left corner.

        Raises:
            SealRefused: NO-FREE-SPACE-FOR-CODE.
        """
        for shape in SHAPES:
            width, height = shape.size(modules)
            xs = list(_steps(MARK_EDGE, MARK_REACH[0]))
            ys = [self.height - y - height for y in _steps(MARK_EDGE, MARK_REACH[1])]
            free = self._free(xs, ys, (width, height))
            rows = np.flatnonzero(free.any(axis=1))
            if rows.size:
                x, y = xs[int(free[rows[0]].argmax())], ys[int(rows[0])]
                return self.take(Rect(x, y, x + width, y + height)), shape
        raise SealRefused(RefusalCode.NO_FREE_SPACE_FOR_CODE, (("smallest_mm", f"{SHAPES[-1].qr_mm:g}"),))

    def place_note(self, sizes: Sequence[tuple[float, float]]) -> tuple[int, Rect] | None:
        """The place nearest to the top right corner for a note of one of these sizes; which size, and where."""
        for index, (width, height) in enumerate(sizes):
            ys = [self.height - y - height for y in _steps(MARGIN_EDGE, NOTE_REACH[1])]
            xs = [self.width - right - width for right in _steps(MARGIN_EDGE, NOTE_REACH[0])]
            preferred = [self.width - RIGHT_MARGIN - width]
            for columns in (preferred, xs):
                free = self._free(columns, ys, (width, height))
                rows = np.flatnonzero(free.any(axis=1))
                if rows.size:
                    x, y = columns[int(free[rows[0]].argmax())], ys[int(rows[0])]
                    return index, self.take(Rect(x, y, x + width, y + height))
        return None

    def _free(self, xs: Sequence[float], ys: Sequence[float], size: tuple[float, float]) -> npt.NDArray[np.bool_]:
        """For each lower left corner (rows: ``ys``, columns: ``xs``): is a box of that size free."""
        width, height = size
        x, y = np.asarray(xs, dtype=float)[None, :], np.asarray(ys, dtype=float)[:, None]
        free = (x >= 0) & (y >= 0) & (x + width <= self.width) & (y + height <= self.height)
        c = CLEARANCE
        for other in self._taken:
            apart = (x - c >= other.x1) | (other.x0 >= x + width + c)
            free &= apart | (y - c >= other.y1) | (other.y0 >= y + height + c)
        return free & self._blank(xs, ys, size, c)

    def _blank(
        self, xs: Sequence[float], ys: Sequence[float], size: tuple[float, float], clearance: float
    ) -> npt.NDArray[np.bool_]:
        """For each lower left corner: is nothing drawn in a box of that size with some clearance."""
        sx, sy = self._scale
        rows, columns = self._dark.shape
        x, y = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
        left = np.clip(((x - clearance) * sx).astype(int), 0, columns)[None, :]
        right = np.clip(np.ceil((x + size[0] + clearance) * sx).astype(int), 0, columns)[None, :]
        top = np.clip(((self.height - y - size[1] - clearance) * sy).astype(int), 0, rows)[:, None]
        bottom = np.clip(np.ceil((self.height - y + clearance) * sy).astype(int), 0, rows)[:, None]
        dark = self._ink[bottom, right] - self._ink[top, right] - self._ink[bottom, left] + self._ink[top, left]
        return np.asarray(dark <= MAX_INK_SHARE * (right - left) * (bottom - top))


def annotation_boxes(page: generic.DictionaryObject, geometry: PageGeometry) -> Iterable[Rect]:
    """Where annotations are or will be (an empty signature field shows nothing yet), displayed."""
    for annotation in array(entry(page, "/Annots")):
        rect = array(entry(dictionary(annotation), "/Rect"))
        if len(rect) == 4:
            x0, y0, x1, y1 = (float(value) for value in rect)
            yield geometry.to_displayed(Rect(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))


def opened(document: bytes) -> RenderedDocument:
    """The document as the renderer opens it; whoever opens it closes it.

    Raises:
        SealRefused: DOCUMENT-DAMAGED, it does not open it.
    """
    try:
        return RenderedDocument(document)
    except RenderingError as error:
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", str(error)),)) from None


def free_space(
    rendered: RenderedDocument,
    page: int,
    size: tuple[float, float],
    taken: Iterable[Rect],
    without: Sequence[Rectangle] = (),
) -> FreeSpace:
    """Render a page (by index), annotations and form fields included, about one pixel a point.

    Fields at the places named in ``without`` (the page's own coordinates) are left out.

    Raises:
        SealRefused: DOCUMENT-DAMAGED, the renderer cannot show this page.
    """
    try:
        scale = min(max(size), MAX_SIDE_PIXELS) / max(*rendered.page_size(page), 1.0)
        picture = rendered.picture(page, scale, without)
    except RenderingError as error:
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", str(error)),)) from None
    darkest = np.minimum(np.minimum(picture[..., 0], picture[..., 1]), picture[..., 2])
    return FreeSpace(darkest, size, taken)


def _steps(start: float, stop: float) -> Iterable[float]:
    value = start
    while value <= stop:
        yield value
        value += STEP
