"""A look at 300 dpi, where both sides have it: is a round spot beside a letter dust there as well, or a tone mark.

At the working resolution an acute where the dot of an i was, in type of 9 points, is as round as a grain of dust.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from verifier.drawing.rendering import Window
from verifier.scans.flattening import FINE_DPI, MM_PER_INCH, Plane, ink, plane
from verifier.scans.pages import FinePage
from verifier.scans.registration import Field
from verifier.scans.residual import Candidate, matched
from verifier.scans.second_look import RADIUS_PX, laid_over
from verifier.scans.specks import DustLimit, dust

FINE_PER_MM = FINE_DPI / MM_PER_INCH
REACH_MM = (18.0, 12.0)
"""Of the neighbourhood laid over again, to each side of the spot: words enough to tell blur and tones by."""
EDGE_MM = 0.6
LEAST_SIDE_PX = 128
"""Of a neighbourhood by which blur and tones are told; there is less at the page's edge."""


@dataclass(frozen=True)
class FineLook:
    """Two pages at 300 dpi, and the field that leads from the original's working pixels to the copy's."""

    original: FinePage
    copy: FinePage
    field: Field

    def is_dust(self, each: Candidate, limit: DustLimit) -> bool:
        """Does the spot look like dust at 300 dpi too; also where it cannot be looked at there."""
        middle = ((each.left + each.right) / 2, (each.top + each.bottom) / 2)
        window = tuple(
            slice(max(0, round((at - reach) * FINE_PER_MM)), round((at + reach) * FINE_PER_MM))
            for at, reach in zip(reversed(middle), reversed(REACH_MM), strict=True)
        )
        rows, columns = window
        a = ink(self.original.part((rows, columns)), FINE_DPI)
        b = self._copy_at((rows, columns), a.shape)
        if b is None:
            return True
        inner = (slice(RADIUS_PX, -RADIUS_PX), slice(RADIUS_PX, -RADIUS_PX))
        near = a[inner]
        laid = (
            None
            if min(near.shape) < LEAST_SIDE_PX
            else min(laid_over(near, b), key=lambda one: float(np.abs(one - near).mean()), default=None)
        )
        if laid is None:
            return True
        near, laid = matched(near, laid, np.ones(near.shape, bool))
        first = (rows.start + RADIUS_PX, columns.start + RADIUS_PX)
        here = tuple(
            slice(max(0, round((low - EDGE_MM) * FINE_PER_MM) - start), round((high + EDGE_MM) * FINE_PER_MM) - start)
            for low, high, start in zip((each.top, each.left), (each.bottom, each.right), first, strict=True)
        )
        return not near[here].size or dust(near[here], laid[here], limit, per_mm=FINE_PER_MM)

    def _copy_at(self, window: Window, shape: tuple[int, ...]) -> Plane | None:
        """The copy's ink as it lies under a window of the original; None where the window leaves the page."""
        rows, columns = window
        height, width = self.field[0].shape
        corners = np.array(
            [
                (columns.start, rows.start),
                (columns.start + shape[1], rows.start),
                (columns.start, rows.start + shape[0]),
            ]
        )
        at = ((corners + 0.5) / self.original.ratio - 0.5).round().astype(int)
        if at.min() < 0 or at[:, 0].max() >= width or at[:, 1].max() >= height:
            return None
        there = np.stack([axis[at[:, 1], at[:, 0]] for axis in self.field], -1)
        there = (there + 0.5) * self.copy.ratio - 0.5
        fourth = there[1] + there[2] - there[0]
        every = np.vstack([there, fourth])
        low = np.maximum(np.floor(every.min(0)).astype(int) - 2, 0)
        high = np.ceil(every.max(0)).astype(int) + 3
        if (high - low).min() < RADIUS_PX:
            return None
        part = self.copy.part((slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))))
        if min(part.shape) < RADIUS_PX:
            return None
        from_window = cv2.getAffineTransform(plane(corners - corners[0]), plane(there - low))
        how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = (shape[1], shape[0])
        return plane(cv2.warpAffine(ink(part, FINE_DPI), from_window, size, flags=how, borderMode=cv2.BORDER_REPLICATE))
