"""One page of the copy against its original: register, lay over, subtract, look again, pass the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np

from verifier.scans.colours import colours_of, one_sided, recoloured
from verifier.scans.creases import without_creases
from verifier.scans.displacement import displacement
from verifier.scans.fine_look import FineLook
from verifier.scans.flattening import MM_PER_INCH, WORKING_DPI, Mask, Plane, grey_of, ink, paper
from verifier.scans.gate import MIN_REGISTERED, Region, beyond, comparable, registered_share, unregistered
from verifier.scans.pages import PageRaster
from verifier.scans.registration import Field, features_of, field_of, moved, register
from verifier.scans.residual import STROKE, Candidate, candidates, coloured_matched, difference, matched, usual_ink
from verifier.scans.second_look import PER_MM, SURELY_DIFFERENT, Pair, looked_again
from verifier.scans.specks import dots_of

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) in points on the copy's page as displayed, origin top left."""

DIFFERENT, DIFFERENT_MARK = 5.0, 3.5
"""Times the page's usual difference (docs/rates.md: what is missed and what is boxed by mistake at these scores).

The second for a small place that shows a mark's ink on one side. The highest on 106 genuine pages was 4.2, but for
copiers that thicken bold letters."""
MANY, MANY_TIMES = 6, 1.3
"""So many places that differ alike are the page's capture: a change must stand out from them."""
COLOURED_SHARE = 0.5
"""Of a place's ink: with more it is a place of coloured ink. Another commune's seal had 84 and more on photocopies."""
ADDED_SHARE = 2.5
BLANK_INK = 0.12
MIN_BLANK_MARK_PX = 6


class Kind(StrEnum):
    """What a difference looks like; which field it is, the officer sees."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Difference:
    """A place that shows something else; ``score`` is how many times the page's usual difference."""

    box: Box
    kind: Kind
    score: float


@dataclass(frozen=True)
class PageComparison:
    """What was found on one page; numbers from 1, None where one side has no such page."""

    copy_page: int | None
    original_page: int | None
    differences: tuple[Difference, ...] = ()
    not_compared: tuple[Box, ...] = ()
    quality: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Laid:
    """Two pages laid over each other: maps of ink in the original's pixels.

    ``coloured``: ink of which one side is a grey print (``colours.one_sided``).
    """

    original: Plane
    copy: Plane
    valid: Mask
    field: Field
    coloured: Mask | None
    fine: FineLook | None = None


def compare_pages(copy: PageRaster, original: PageRaster, copy_page: int, original_page: int) -> PageComparison:
    """Compare one page with its original.

    1. Features and one homography; none: the whole page is not compared. 2. Maps of ink, displacement field.
    3. Same blur and tones, no creases. 4. Difference, candidates, second look; the look in colour.
    5. The gate: what was not registered, and what stands where the original's picture has ended.
    """
    greys = grey_of(copy.picture), grey_of(original.picture)
    whole: Box = (0.0, 0.0, *_size(copy))
    inks = ink(greys[0]), ink(greys[1])
    if _blank(inks[0]) and _blank(inks[1]):
        return PageComparison(copy_page, original_page, quality={"blank": 1.0})
    found = register(features_of(greys[1]), features_of(greys[0]))  # 1
    if found is None:
        return PageComparison(copy_page, original_page, not_compared=(whole,), quality={"registered": 0.0})
    start = field_of(found.matrix, (greys[1].shape[0], greys[1].shape[1]))
    laid_field, tiles = displacement(inks[1], inks[0], start)  # 2
    share = registered_share(tiles)
    quality = {"registered": round(share, 3), "inliers": float(found.inliers)}
    if share < MIN_REGISTERED:
        return PageComparison(copy_page, original_page, not_compared=(whole,), quality=quality)
    valid = comparable(greys[1], greys[0], laid_field)
    a, b = matched(inks[1], moved(inks[0], laid_field, cv2.INTER_CUBIC), valid)  # 3
    colours = colours_of(copy.picture), colours_of(original.picture)
    coloured = one_sided(copy.picture, original.picture, (colours[0].seen, colours[1].seen), laid_field)
    if coloured is not None:
        b = coloured_matched(a, b, coloured & valid)
    fine = FineLook(original.fine, copy.fine, laid_field) if original.fine and copy.fine else None
    laid = _Laid(a, without_creases(a, b, valid), valid, laid_field, coloured, fine)
    different = _different(laid)  # 4
    for region in recoloured(*colours, laid_field, valid):
        if not _known(region, different):
            different.append(Candidate(DIFFERENT, *region))
    compared = [(each.left, each.top, each.right, each.bottom) for each in different]
    missed = unregistered(a, laid.copy, valid, tiles, compared)  # 5
    ended = beyond(inks[0], paper(greys[0]), laid_field)
    unit = PER_MM * copy.points_per_pixel
    return PageComparison(
        copy_page,
        original_page,
        tuple(_reported(each, laid, copy.points_per_pixel, _size(copy)) for each in different),
        (
            *(_on_copy(region, laid_field, copy.points_per_pixel, _size(copy)) for region in missed),
            *(_rounded(region, unit) for region in ended),
        ),
        quality,
    )


def _different(laid: _Laid) -> list[Candidate]:
    scores, scales = difference(laid.original, laid.copy, laid.valid)
    pair = Pair(
        laid.original,
        laid.copy,
        laid.valid,
        scales,
        usual_ink(laid.original, laid.valid),
        dots_of(laid.original, laid.copy, laid.valid),
        None if laid.fine is None else laid.fine.is_dust,
    )
    found = looked_again(candidates(scores), pair)
    among = MANY_TIMES * found[MANY - 1].score if len(found) >= MANY else 0.0
    least = min(SURELY_DIFFERENT, among)
    return [each for each in found if each.score >= max(least, _least(each, laid))]


def _least(each: Candidate, laid: _Laid) -> float:
    """The score from which a place differs; a copier loses pale strokes of coloured ink, so there it must be sure."""
    if laid.coloured is not None:
        here = _pixels_of(each)
        inked = np.maximum(laid.original[here], laid.copy[here]) > STROKE
        if int((inked & laid.coloured[here]).sum()) > COLOURED_SHARE * int(inked.sum()):
            return SURELY_DIFFERENT
    return DIFFERENT_MARK if each.mark else DIFFERENT


def _pixels_of(each: Candidate) -> tuple[slice, slice]:
    rows = slice(max(0, int(each.top * PER_MM)), int(each.bottom * PER_MM) + 1)
    return rows, slice(max(0, int(each.left * PER_MM)), int(each.right * PER_MM) + 1)


def _known(region: Region, found: list[Candidate]) -> bool:
    """Does a difference found in lightness lie there already."""
    return any(
        each.left < region[2] and region[0] < each.right and each.top < region[3] and region[1] < each.bottom
        for each in found
    )


def _reported(each: Candidate, laid: _Laid, points_per_pixel: float, size: tuple[float, float]) -> Difference:
    here = _pixels_of(each)
    before, after = float(laid.original[here].sum()), float(laid.copy[here].sum())
    kind = Kind.CHANGED
    if after > ADDED_SHARE * max(before, 1.0):
        kind = Kind.ADDED
    elif before > ADDED_SHARE * max(after, 1.0):
        kind = Kind.REMOVED
    region = (each.left, each.top, each.right, each.bottom)
    return Difference(_on_copy(region, laid.field, points_per_pixel, size), kind, round(each.score, 1))


def _on_copy(region: Region, laid: Field, points_per_pixel: float, size: tuple[float, float]) -> Box:
    """A region of the original's page as a box on the copy's page (the hull of its corners and edges' middles)."""
    height, width = laid[0].shape
    across = np.clip(np.linspace(region[0], region[2], 3) * WORKING_DPI / MM_PER_INCH, 0, width - 1).astype(int)
    down = np.clip(np.linspace(region[1], region[3], 3) * WORKING_DPI / MM_PER_INCH, 0, height - 1).astype(int)
    x, y = (axis[np.ix_(down, across)] * points_per_pixel for axis in laid)
    x, y = np.clip(x, 0, size[0]), np.clip(y, 0, size[1])
    return (
        round(float(x.min()), 1),
        round(float(y.min()), 1),
        round(float(x.max()), 1),
        round(float(y.max()), 1),
    )


def _size(raster: PageRaster) -> tuple[float, float]:
    height, width = raster.picture.shape[:2]
    return round(width * raster.points_per_pixel, 1), round(height * raster.points_per_pixel, 1)


def _rounded(region: Region, unit: float) -> Box:
    """A region of the copy's page in points."""
    left, top, right, bottom = (round(value * unit, 1) for value in region)
    return left, top, right, bottom


def _blank(values: Plane) -> bool:
    """Nothing on it but dust: no mark larger than a few pixels anywhere inside the rims."""
    inside = values[60:-60, 60:-60]
    if not inside.size:
        return False
    _, _, stats, _ = cv2.connectedComponentsWithStats((inside > BLANK_INK).astype(np.uint8), connectivity=8)
    return bool((stats[1:, 2:4] < MIN_BLANK_MARK_PX).all())
