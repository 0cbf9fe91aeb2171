"""The picture for the officer: the copy beside its original, differences boxed."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from verifier.scans.differences import Box, PageComparison
from verifier.scans.flattening import Picture
from verifier.scans.pages import PageRaster

PAGE_WIDTH_PX = 900
GAP_PX = 24
MAX_PAGES = 20
DIFFERENCE_COLOUR = (200, 16, 32)
NOT_COMPARED_COLOUR = (150, 110, 0)
MARGIN_PT = 4.0


def pair_picture(copy: PageRaster | None, original: PageRaster | None, found: PageComparison) -> Picture:
    """Copy left, original right; an absent page is grey. Red: differs. Ochre: not compared."""
    left = _blank() if copy is None else _boxed(copy, found)
    right = _blank() if original is None else _scaled(original.picture)
    height = max(left.shape[0], right.shape[0])
    canvas = np.full((height + GAP_PX, 2 * PAGE_WIDTH_PX + GAP_PX, 3), 255, np.uint8)
    canvas[: left.shape[0], :PAGE_WIDTH_PX] = left
    canvas[: right.shape[0], PAGE_WIDTH_PX + GAP_PX :] = right
    return canvas


def stacked(pictures: Sequence[Picture]) -> bytes:
    """The pages below each other as PNG, at most ``MAX_PAGES``."""
    whole = np.vstack(pictures[:MAX_PAGES])
    _, png = cv2.imencode(".png", cv2.cvtColor(whole, cv2.COLOR_RGB2BGR))
    return bytes(png.tobytes())


def _scaled(picture: Picture) -> Picture:
    height = max(1, round(picture.shape[0] * PAGE_WIDTH_PX / picture.shape[1]))
    small = cv2.resize(picture, (PAGE_WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def _blank() -> Picture:
    return np.full((round(PAGE_WIDTH_PX * 1.414), PAGE_WIDTH_PX, 3), 200, np.uint8)


def _boxed(copy: PageRaster, found: PageComparison) -> Picture:
    page = np.ascontiguousarray(_scaled(copy.picture))
    per_point = PAGE_WIDTH_PX / (copy.picture.shape[1] * copy.points_per_pixel)
    for box in found.not_compared:
        _draw(page, box, per_point, NOT_COMPARED_COLOUR)
    for each in found.differences:
        _draw(page, each.box, per_point, DIFFERENCE_COLOUR)
    return page


def _draw(page: Picture, box: Box, per_point: float, colour: tuple[int, int, int]) -> None:
    left, top = (round((value - MARGIN_PT) * per_point) for value in box[:2])
    right, bottom = (round((value + MARGIN_PT) * per_point) for value in box[2:])
    cv2.rectangle(page, (left, top), (right, bottom), colour, 3)
