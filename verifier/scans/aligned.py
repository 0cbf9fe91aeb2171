"""The pictures that an officer compares by eye: the copy's page, and the original's laid over it. Worker process only.

Both are drawn on the copy's page at the working resolution, so that the contract's boxes fit either.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.displacement import displacement
from verifier.scans.flattening import Picture, grey_of, ink
from verifier.scans.pages import PageRaster, Pages, PagesError
from verifier.scans.registration import features_of, field_of, register

JPEG_QUALITY = 85
PAPER_LEVEL = 255
"""Where the original shows nothing."""


@dataclass(frozen=True)
class PairPictures:
    """Pictures of one pair of pages as JPEG; None where that side has no such page.

    ``size`` is the width and height of the shown page in points. ``aligned``: the original lies over the copy, pixel by
    pixel; else it is as it was scanned, and only of use beside the copy.
    """

    copy: bytes | None
    original: bytes | None
    size: tuple[float, float]
    aligned: bool


def draw_pair(
    copy: bytes, original: bytes, copy_page: int | None, original_page: int | None, fine: bool
) -> PairPictures | None:
    """Draw one pair (page numbers from 1); None where a page cannot be drawn.

    ``fine`` follows paper feed and curl by the displacement field, else one homography must do (1 to 4 pixels).
    """
    cv2.setNumThreads(1)
    cv2.setRNGSeed(0)
    try:
        left = None if copy_page is None else _raster(copy, copy_page)
        right = None if original_page is None else _raster(original, original_page)
    except PagesError:
        return None
    shown = left or right
    if shown is None:
        return None
    laid = None if left is None or right is None else _laid_over(right.picture, left.picture, fine)
    second = laid if laid is not None else (None if right is None else right.picture)
    return PairPictures(
        None if left is None else _jpeg(left.picture),
        None if second is None else _jpeg(second),
        _size(shown),
        laid is not None,
    )


def _raster(data: bytes, number: int) -> PageRaster:
    with Pages(data) as pages:
        if not 1 <= number <= pages.count:
            raise PagesError("COMPARISON-FILE-DAMAGED")
        return pages.raster(number - 1)


def _laid_over(original: Picture, copy: Picture, fine: bool) -> Picture | None:
    """The original at the copy's pixels; None where the two were not found to be the same page."""
    greys = grey_of(copy), grey_of(original)
    found = register(features_of(greys[0]), features_of(greys[1]))
    if found is None:
        return None
    field = field_of(found.matrix, (copy.shape[0], copy.shape[1]))
    if fine:
        field, _ = displacement(ink(greys[0]), ink(greys[1]), field)
    white = (PAPER_LEVEL,) * 3
    return np.asarray(
        cv2.remap(original, field[0], field[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=white),
        dtype=np.uint8,
    )


def _size(raster: PageRaster) -> tuple[float, float]:
    height, width = raster.picture.shape[:2]
    return round(width * raster.points_per_pixel, 1), round(height * raster.points_per_pixel, 1)


def _jpeg(picture: Picture) -> bytes:
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    return bytes(encoded.tobytes())
