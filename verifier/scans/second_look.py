"""A second look at each candidate: aligned alone (shift, then affine) and scored again; dust is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from verifier.scans.flattening import WORKING_DPI, Mask, Plane, bordered, pixels, plane
from verifier.scans.residual import CANDIDATE_SCORE, Candidate, Scale, difference, gain
from verifier.scans.specks import Dots, DustLimit, beside_ink, dust, exchanged, shade

MAX_LOOKS = 25
"""Candidates looked at again, the worst first; the rest keep their score."""
SURELY_DIFFERENT = 8.0
"""Boxed whatever else the page shows."""
ENOUGH = 8
"""So many that surely differ are another paper: no second look makes it the same."""
RADIUS_PX = 28
MARGIN_MM = 3.0
PART_MM = 15.0
MAX_PARTS = 20
LEAST_CORRELATION, LEAST_CONTRAST = 0.3, 0.01
"""Of a neighbourhood, by which it can be shifted: blank paper fits anywhere, and a mark on it would be shifted away."""
SPECK_SCORE = 0.5
SMALL_MM = 3.2
MAX_SHEAR = 0.12
PER_MM = WORKING_DPI / 25.4


FineJudge = Callable[[Candidate, DustLimit], bool]
"""Does a spot that looks like dust do so at 300 dpi too (``fine_look.FineLook.is_dust``)."""


@dataclass(frozen=True)
class Pair:
    """Two aligned maps with a border, where they may be compared, and the page's own scale of difference and dots.

    ``fine`` is None where not both sides have 300 dpi.
    """

    original: Plane
    copy: Plane
    valid: Mask
    scales: tuple[Scale, ...]
    usual_ink: float
    dots: Dots
    fine: FineJudge | None = None


def looked_again(found: Sequence[Candidate], pair: Pair) -> list[Candidate]:
    """The candidates with their second score, the worst first."""
    border = RADIUS_PX + round(6 * PER_MM)
    offset = border / PER_MM
    fine = pair.fine
    wide = replace(
        pair,
        original=bordered(pair.original, border),
        copy=bordered(pair.copy, border),
        valid=np.pad(pair.valid, border),
        dots=replace(pair.dots, places=plane(pair.dots.places + offset)),
        fine=None if fine is None else lambda each, limit: fine(_shifted(each, -offset), limit),
    )
    again: list[Candidate] = []
    sure = 0
    for each in found:
        looked = len(again) < MAX_LOOKS and sure < ENOUGH
        again.append(_looked_at(each, _shifted(each, offset), wide) if looked else each)
        sure += looked and again[-1].score >= SURELY_DIFFERENT
    return sorted(again, key=lambda each: -each.score)


def _shifted(each: Candidate, by: float) -> Candidate:
    return Candidate(each.score, each.left + by, each.top + by, each.right + by, each.bottom + by)


def _looked_at(each: Candidate, place: Candidate, pair: Pair) -> Candidate:
    """The candidate with its second score; ``place``: where it lies on the bordered maps."""
    if each.width <= 40 and each.height <= 30:
        found = _aligned(place, pair)
    else:
        across, down = int(np.ceil(each.width / PART_MM)), int(np.ceil(each.height / PART_MM))
        if across * down > MAX_PARTS:
            return each
        found = _worst(_aligned(part, pair) for part in _parts(place, across, down))
    return replace(each, score=found.score, mark=found.mark)


def _worst(parts: Iterable[Candidate]) -> Candidate:
    """The part with the highest score, or the first that surely differs: the rest would not change what is said."""
    worst = Candidate(-1.0, 0.0, 0.0, 0.0, 0.0)
    for part in parts:
        worst = max(worst, part, key=lambda each: each.score)
        if worst.score >= SURELY_DIFFERENT:
            break
    return worst


def _parts(each: Candidate, across: int, down: int) -> list[Candidate]:
    width, height = each.width / across, each.height / down
    return [
        Candidate(
            each.score,
            each.left + i * width,
            each.top + j * height,
            each.left + (i + 1) * width,
            each.top + (j + 1) * height,
        )
        for j in range(down)
        for i in range(across)
    ]


def _aligned(each: Candidate, pair: Pair) -> Candidate:
    """With the least score of: as found, shifted to the best correlation, affinely aligned (ECC); in either light."""
    height, width = pair.original.shape
    left, right = (round((x + side * MARGIN_MM * 1.5) * PER_MM) for x, side in ((each.left, -1), (each.right, 1)))
    top, bottom = (round((y + side * MARGIN_MM) * PER_MM) for y, side in ((each.top, -1), (each.bottom, 1)))
    left, top = max(left, RADIUS_PX), max(top, RADIUS_PX)
    right, bottom = min(right, width - RADIUS_PX), min(bottom, height - RADIUS_PX)
    if right - left < 30 or bottom - top < 20:
        return each
    a = pair.original[top:bottom, left:right]
    b = pair.copy[top - RADIUS_PX : bottom + RADIUS_PX, left - RADIUS_PX : right + RADIUS_PX]
    edge = pixels(0.6)
    rows = slice(max(0, int(each.top * PER_MM) - top - edge), int(each.bottom * PER_MM) - top + edge)
    columns = slice(max(0, int(each.left * PER_MM) - left - edge), int(each.right * PER_MM) - left + edge)
    if not a[rows, columns].size:
        return each
    least, closest = each.score, pair.copy[top:bottom, left:right]
    for laid in laid_over(a, b):
        scores, _ = difference(a, laid, pair.valid[top:bottom, left:right], pair.scales)
        score = float(scores[rows, columns].max())
        if score < least:
            least, closest = score, laid
        if least < CANDIDATE_SCORE:  # nothing will be boxed here
            break
    again = replace(each, score=least)
    return again if least <= SPECK_SCORE else _judged(again, a, closest, (rows, columns), pair)


def laid_over(a: Plane, b: Plane) -> Iterator[Plane]:
    """The copy's neighbourhood laid over the original's: shifted, then affinely aligned; each in either light.

    ``b`` has ``RADIUS_PX`` more to each side.
    Only as found where the two have nothing in common by which to shift.
    """
    _, fit, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(b, a, cv2.TM_CCOEFF_NORMED))
    alike = fit >= LEAST_CORRELATION and float(a.std()) >= LEAST_CONTRAST
    shifted = plane([[1, 0, x], [0, 1, y]] if alike else [[1, 0, RADIUS_PX], [0, 1, RADIUS_PX]])
    for turn in range(2 if alike else 1):
        matrix = shifted if turn == 0 else _affine(a, b, shifted)
        if matrix is None:
            return
        size = (a.shape[1], a.shape[0])
        how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        laid = plane(cv2.warpAffine(b, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE))
        yield laid
        yield plane(laid * gain(a, laid))


def _judged(each: Candidate, a: Plane, b: Plane, here: tuple[slice, slice], pair: Pair) -> Candidate:
    """Is it dust or a crease, or a mark; ``here``: the candidate's place on the two aligned neighbourhoods."""
    original, copy = a[here], b[here]
    if shade(original, copy, pair.usual_ink):
        return replace(each, score=SPECK_SCORE)
    if each.width >= SMALL_MM or each.height >= SMALL_MM:
        return each
    middle = [(part.start + part.stop) // 2 for part in here]
    beside = beside_ink(a, b, middle[0], middle[1])
    limit = pair.dots.limit(each.left, each.top, beside)
    if dust(original, copy, limit, not beside) and not (beside and pair.fine and not pair.fine(each, limit)):
        return replace(each, score=SPECK_SCORE)
    return replace(each, mark=exchanged(original, copy, pair.usual_ink))


def _affine(a: Plane, b: Plane, start: Plane) -> Plane | None:
    """The affine alignment near ``start``; None where it does not converge or is no longer one of paper."""
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 25, 1e-4)
    try:
        _, found = cv2.findTransformECC(
            a,
            b,
            start.copy(),
            cv2.MOTION_AFFINE,
            criteria,
            None,  # type: ignore[call-overload]  # OpenCV's stubs do not know that the mask may be None
            3,
        )
    except cv2.error:
        return None
    matrix = plane(found)
    return None if np.abs(matrix[:, :2] - np.eye(2)).max() > MAX_SHEAR else matrix
