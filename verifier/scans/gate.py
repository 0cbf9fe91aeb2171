"""The registration gate: a place with content that was not registered is "not compared", never "the same"."""

from __future__ import annotations

import cv2
import numpy as np

from verifier.scans.displacement import Tiles
from verifier.scans.flattening import WORKING_DPI, Mask, Plane, blurred, paper, pixels, plane
from verifier.scans.registration import Field

PER_MM = WORKING_DPI / 25.4
RIM_MM = 5.0
"""Of the original's page: where scanners cut and shadows fall."""
COPY_RIM_MM = 2.0
REACH_MM = 16.0
"""How far from a tile that was found again the field is believed."""
MIN_REGISTERED = 0.3
"""Of the inked tiles; below it the whole page is not compared. Another paper with the same head had 0.42 and more."""
CELL_MM = 8.0
MIN_CELL_CORRELATION = 0.3
STROKE = 0.3
MIN_MARK_MM = 0.8
MAX_MARK_MM = 15.0
BEYOND_MM = 1.0
"""From the edge of the original's picture: there its shadow lies."""
LEAST_MARKS = 3
"""Letters or words beyond it: fewer are no writing."""

Region = tuple[float, float, float, float]
"""(left, top, right, bottom) in millimetres on the original's page."""


def comparable(original: np.ndarray, copy: np.ndarray, field: Field) -> Mask:
    """The pixels of the original that both sheets show, without the rims (grey pictures at the working resolution)."""
    rim = pixels(COPY_RIM_MM)
    height, width = copy.shape
    x, y = field
    valid = (x > rim) & (y > rim) & (x < width - rim) & (y < height - rim)
    edge = pixels(RIM_MM)
    valid[:edge], valid[-edge:], valid[:, :edge], valid[:, -edge:] = False, False, False, False
    own, other = paper(original), paper(copy)
    if own is not None:
        valid &= own
    if other is not None:
        valid &= cv2.remap(other.astype(np.uint8), x, y, cv2.INTER_NEAREST) > 0
    return np.asarray(valid)


def registered_share(tiles: Tiles) -> float:
    """How many of the inked tiles were found again, 0 to 1."""
    inked = float(tiles.inked.sum())
    return tiles.found / inked if inked else 0.0


def unregistered(original: Plane, copy: Plane, valid: Mask, tiles: Tiles, compared: list[Region]) -> list[Region]:
    """Places with content where the pictures were not laid over each other.

    1. Content of the original outside the pixels that both show (cut off, in the rim, beyond the paper's edge).
    2. Content farther than ``REACH_MM`` from any tile that was found again.
    3. Content whose correlation stays low though no difference is reported there (``compared``: the differences).
    """
    believed = _reach(tiles, original.shape)
    outside = (~valid & _sheet(original)) | (valid & ~believed)
    marks = _marks((original > STROKE) & outside)
    return _merged(marks + _low_cells(original, copy, valid & believed, compared))


def beyond(copy: Plane, sheet: Mask | None, field: Field) -> list[Region]:
    """Writing on the copy's sheet where the original's picture has ended: a cropped original, a larger sheet.

    Args:
        copy: ink of the copy, in its own pixels.
        sheet: where the copy's sheet lies, None where its picture is all paper.

    Returns:
        Boxes in millimetres on the copy's page; none for a few marks: shadows and dust of an edge.
    """
    x, y = field
    edge = np.concatenate(
        [np.stack([axis_x, axis_y], -1) for axis_x, axis_y in ((x[0], y[0]), (x[:, -1], y[:, -1]))]
        + [np.stack([axis_x, axis_y], -1)[::-1] for axis_x, axis_y in ((x[-1], y[-1]), (x[:, 0], y[:, 0]))]
    )
    outside = np.ones(copy.shape, np.uint8)
    cv2.fillPoly(outside, [np.round(edge[::8]).astype(np.int32)], 0)
    side = pixels(BEYOND_MM) | 1
    clear = np.asarray(cv2.erode(outside, np.ones((side, side), np.uint8), borderValue=(1,))) > 0
    rim = pixels(COPY_RIM_MM)
    dark = (copy > STROKE) & clear
    dark[:rim], dark[-rim:], dark[:, :rim], dark[:, -rim:] = False, False, False, False
    if sheet is not None:
        dark &= sheet
    marks = _marks(dark) if dark.any() else []
    return _merged(marks) if len(marks) >= LEAST_MARKS else []


def _reach(tiles: Tiles, shape: tuple[int, ...]) -> Mask:
    found = (tiles.weight > 0).astype(np.uint8)
    reach = int(np.ceil(REACH_MM * PER_MM / tiles.spacing))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(found, disc)
    large = cv2.resize(near, None, fx=tiles.spacing, fy=tiles.spacing, interpolation=cv2.INTER_NEAREST)
    return np.asarray(large[: shape[0], : shape[1]] > 0)


def _sheet(original: Plane) -> Mask:
    """Everything but a band at the picture's own edge, where a scanner draws its shadow."""
    inside = np.zeros(original.shape, bool)
    band = pixels(1.5)
    inside[band:-band, band:-band] = True
    return inside


def _marks(dark: Mask) -> list[Region]:
    """Boxes of marks the size of letters; dust, shadows and edges are left out."""
    near = cv2.dilate(dark.astype(np.uint8), np.ones((pixels(0.5), pixels(0.5)), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    boxes = stats[1:, :4] / PER_MM
    short, long = boxes[:, 2:].min(axis=1), boxes[:, 2:].max(axis=1)
    letters = boxes[(short >= MIN_MARK_MM + 0.5) & (long <= MAX_MARK_MM)]
    return [(x, y, x + width, y + height) for x, y, width, height in letters.tolist()]


def _low_cells(original: Plane, copy: Plane, valid: Mask, compared: list[Region]) -> list[Region]:
    side = pixels(CELL_MM)
    rows, columns = original.shape[0] // side, original.shape[1] // side
    found: list[Region] = []
    a, b = (blurred(each[: rows * side, : columns * side], 1.5) for each in (original, copy))
    density = np.maximum(_means(a, side), _means(b, side))
    whole = _means(plane(valid[: rows * side, : columns * side]), side) > 1 - 1e-6
    for row, column in np.argwhere(whole & (density >= 2 * 0.02)):
        top, left = int(row) * side, int(column) * side
        box = (left / PER_MM, top / PER_MM, (left + side) / PER_MM, (top + side) / PER_MM)
        if any(_touches(box, other) for other in compared):
            continue
        here = (slice(top, top + side), slice(left, left + side))
        scores = cv2.matchTemplate(plane(a[here]), plane(b[here]), cv2.TM_CCOEFF_NORMED)
        if float(scores[0, 0]) < MIN_CELL_CORRELATION:
            found.append(box)
    return found


def _means(values: Plane, side: int) -> Plane:
    """The mean of each cell."""
    rows, columns = values.shape[0] // side, values.shape[1] // side
    if not rows or not columns:
        return np.zeros((rows, columns), np.float32)
    return plane(values.reshape(rows, side, columns, side).mean(axis=(1, 3)))


def _touches(box: Region, other: Region, margin: float = 2.0) -> bool:
    return (
        box[0] < other[2] + margin
        and other[0] < box[2] + margin
        and box[1] < other[3] + margin
        and other[1] < box[3] + margin
    )


def _merged(boxes: list[Region]) -> list[Region]:
    """Neighbours within 2 mm as one box."""
    out: list[Region] = []
    for box in sorted(boxes, key=lambda each: (each[1], each[0])):
        joined = box
        rest = []
        for other in out:
            if _touches(joined, other):
                joined = (
                    min(joined[0], other[0]),
                    min(joined[1], other[1]),
                    max(joined[2], other[2]),
                    max(joined[3], other[3]),
                )
            else:
                rest.append(other)
        out = [*rest, joined]
    return out
