"""Free space on a page: where the mark and the seals may stand without covering anything.

The page is rendered with its annotations at one pixel a point; whatever is not blank counts as taken, and so does every
annotation's rectangle. Sizes and places are in displayed coordinates (``signer.geometry``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from signer.geometry import MM, Rect
from signer.qr import SHAPES, MarkShape
from signer.refusal import RefusalCode, SealRefused
from verifier.rendering import RenderedDocument, RenderingError

BLANK_LUMINANCE = 215
"""Lighter than this (0 to 255) is paper: the grey of a scanned page is, pale guilloche and light grey print are not."""

MAX_INK_SHARE = 0.0004
"""Share of dark pixels in a blank area: a speck of a scan, not a letter (a 10 pt letter is 0.2 % of a seal's area)."""

CLEARANCE = 1.0 * MM
"""Distance kept from anything that is there."""

EDGE = 8.0 * MM
"""Distance of seals from the page's edges; office printers leave about 5 mm unprinted."""

MARK_EDGE = 4.0 * MM
MARK_REACH = (45.0 * MM, 60.0 * MM)
"""How far from the top left corner the mark may begin, to the right and down."""

STEP = 1.5 * MM
RIGHT_MARGIN = 15.0 * MM
"""NĐ 30/2020 Phụ lục I: right margin 15 to 20 mm; the signatures stand at the right."""

GAP = 2.0 * MM

MAX_SIDE_PIXELS = 4000
"""Longest side of a rendering: a page of 1.4 m at one pixel a point; larger pages are rendered coarser."""


class FreeSpace:
    """What is taken on one displayed page; places found are taken from then on."""

    def __init__(self, luminance: npt.NDArray[np.uint8], size: tuple[float, float], taken: Iterable[Rect]) -> None:
        """``luminance`` is the rendered page (darkest channel), first row at the top; ``size`` is in points."""
        self.width, self.height = size
        rows, columns = luminance.shape
        self._scale = (columns / self.width, rows / self.height)
        ink = np.zeros((rows + 1, columns + 1), dtype=np.int32)
        ink[1:, 1:] = (luminance < BLANK_LUMINANCE).cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
        self._ink = ink
        self._taken = list(taken)

    def is_free(self, box: Rect) -> bool:
        """Is the box, with clearance, on the page, blank and not taken."""
        if box.x0 < 0 or box.y0 < 0 or box.x1 > self.width or box.y1 > self.height:
            return False
        wide = box.grown(CLEARANCE)
        if any(wide.overlaps(other) for other in self._taken):
            return False
        sx, sy = self._scale
        left, right = max(int(wide.x0 * sx), 0), min(int(np.ceil(wide.x1 * sx)), self._ink.shape[1] - 1)
        top = max(int((self.height - wide.y1) * sy), 0)
        bottom = min(int(np.ceil((self.height - wide.y0) * sy)), self._ink.shape[0] - 1)
        dark = self._ink[bottom, right] - self._ink[top, right] - self._ink[bottom, left] + self._ink[top, left]
        return bool(dark <= MAX_INK_SHARE * (right - left) * (bottom - top))

    def take(self, box: Rect) -> Rect:
        """Mark a box as taken."""
        self._taken.append(box)
        return box

    def place_mark(self, modules: int) -> tuple[Rect, MarkShape]:
        """Find the mark's place, the largest QR first, nearest to the top left corner.

        Raises:
            SealRefused: NO-FREE-SPACE-FOR-CODE.
        """
        for shape in SHAPES:
            width, height = shape.size(modules)
            for y in _steps(MARK_EDGE, MARK_REACH[1]):
                for x in _steps(MARK_EDGE, MARK_REACH[0]):
                    box = Rect(x, self.height - y - height, x + width, self.height - y)
                    if self.is_free(box):
                        return self.take(box), shape
        raise SealRefused(RefusalCode.NO_FREE_SPACE_FOR_CODE, (("smallest_mm", f"{SHAPES[-1].qr_mm:g}"),))

    def place_seals(self, sizes: Sequence[tuple[float, float]]) -> list[Rect]:
        """Find the seals' places from the bottom of the page upwards: the first at the right, the next left of it.

        Raises:
            SealRefused: NO-FREE-SPACE.
        """
        row = self._row(sizes)
        if row is not None:
            return [self.take(box) for box in row]
        return [self.take(self._anywhere(size)) for size in sizes]

    def _row(self, sizes: Sequence[tuple[float, float]]) -> list[Rect] | None:
        """All seals side by side, on one middle line."""
        tallest = max(height for _, height in sizes)
        for right in (self.width - RIGHT_MARGIN, self.width - EDGE):
            for y in _steps(EDGE, self.height - EDGE - tallest):
                boxes: list[Rect] = []
                x = right
                for width, height in sizes:
                    low = y + (tallest - height) / 2
                    boxes.append(Rect(x - width, low, x, low + height))
                    x -= width + GAP
                if x >= EDGE - GAP and all(self.is_free(box) for box in boxes):
                    return boxes
        return None

    def _anywhere(self, size: tuple[float, float]) -> Rect:
        width, height = size
        for y in _steps(EDGE, self.height - EDGE - height):
            for offset in _steps(EDGE, self.width - EDGE - width):
                box = Rect(self.width - offset - width, y, self.width - offset, y + height)
                if self.is_free(box):
                    return box
        width_mm, height_mm = f"{width / MM:.0f}", f"{height / MM:.0f}"
        raise SealRefused(RefusalCode.NO_FREE_SPACE, (("width_mm", width_mm), ("height_mm", height_mm)))


def free_space(document: bytes, page: int, size: tuple[float, float], taken: Iterable[Rect]) -> FreeSpace:
    """Render a page (by index), annotations and form fields included, about one pixel a point.

    Raises:
        SealRefused: DOCUMENT-DAMAGED, the renderer cannot show this page.
    """
    try:
        with RenderedDocument(document) as rendered:
            scale = min(max(size), MAX_SIDE_PIXELS) / max(*rendered.page_size(page), 1.0)
            picture = rendered.picture(page, scale)
    except RenderingError as error:
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", str(error)),)) from None
    darkest = np.minimum(np.minimum(picture[..., 0], picture[..., 1]), picture[..., 2])
    return FreeSpace(darkest, size, taken)


def _steps(start: float, stop: float) -> Iterable[float]:
    value = start
    while value <= stop:
        yield value
        value += STEP
