"""Creases of the paper and streaks of the feeder: pale straight lines across the page that one capture alone shows.

They are taken out of the difference before it is judged, so that what is printed under them is compared.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.scans.flattening import MM_PER_INCH, WORKING_DPI, Mask, Plane, plane

COARSE = 4
MAX_DEGREES = 5.0
STEP_DEGREES = 0.5
HALF_WIDTH_MM = 2.0
LEAST_SHADE = 0.02
"""Mean density along the page by which a line stands out from its neighbours."""
MOST_SHADE = 0.3
"""A printed rule is darker."""
SURE_SHARE = 20
"""Percentile of the pixels along the line that must be shaded too: between words there is paper."""
PER_AXIS = 2
DRIFT_PIECES, LEAST_PIECES = 16, 8


def without_creases(original: Plane, copy: Plane, valid: Mask) -> Plane:
    """The copy's ink with the creases of either side evened out to the original's."""
    for upright in (False, True):
        for _ in range(PER_AXIS):
            shade = _crease(original, copy, valid, upright)
            if shade is None:
                break
            copy = _lit(copy, shade)
    return copy


def _lit(copy: Plane, shade: Plane) -> Plane:
    """The copy in the original's light: a shade takes its share of the light of paper, so little of that of ink."""
    more = np.maximum(shade, 0)
    return plane((copy - more) / (1 - more) - np.minimum(shade, 0) * (1 - copy))


def _crease(original: Plane, copy: Plane, valid: Mask, upright: bool) -> Plane | None:
    """The shade of the clearest crease, at its place; None where there is none."""
    differs = np.where(valid, copy - original, 0).astype(np.float32)
    if upright:
        differs = np.ascontiguousarray(differs.T)
        valid = np.ascontiguousarray(valid.T)
    clipped = np.clip(differs, -MOST_SHADE, MOST_SHADE)
    small = plane(cv2.resize(clipped, None, fx=1 / COARSE, fy=1 / COARSE, interpolation=cv2.INTER_AREA))
    seen = plane(cv2.resize(valid.astype(np.float32), (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA))
    across = np.maximum(seen.sum(1), seen.shape[1] / 3)
    best, slope, row = LEAST_SHADE, 0.0, -1
    for degrees in np.arange(-MAX_DEGREES, MAX_DEGREES + STEP_DEGREES, STEP_DEGREES):
        tilt = float(np.tan(np.radians(degrees)))
        profile = _levelled(small, tilt).sum(1) / across
        stands_out = np.abs(profile - cv2.GaussianBlur(profile[:, None], (1, 31), 8)[:, 0])
        at = int(np.argmax(stands_out))
        if stands_out[at] > best:
            best, slope, row = float(stands_out[at]), tilt, at
    if row < 0:
        return None
    shade = _measured(differs, valid, slope, row * COARSE + COARSE // 2)
    if shade is None:
        return None
    return plane(np.ascontiguousarray(shade.T)) if upright else shade


def _levelled(values: Plane, tilt: float) -> Plane:
    """Sheared so that lines of this tilt are rows; the middle column stays."""
    middle = values.shape[1] / 2
    matrix = np.array([[1, 0, 0], [tilt, 1, -tilt * middle]], np.float32)
    return plane(cv2.warpAffine(values, matrix, values.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))


def _along(values: Plane | NDArray[np.uint8], centre: Plane, half: int, how: int = cv2.INTER_LINEAR) -> Plane:
    """The pixels ``half`` to either side of a line that has its row for each column."""
    rows = plane(centre[None] + np.arange(-half, half + 1, dtype=np.float32)[:, None])
    columns = np.broadcast_to(np.arange(values.shape[1], dtype=np.float32), rows.shape)
    return plane(cv2.remap(values, np.ascontiguousarray(columns), rows, how))


def _drift(band: Plane, inside: Mask) -> Plane:
    """How many rows the shade leaves the band's middle for each column: its true tilt, and the feed's waves."""
    width = band.shape[1]
    pieces = [piece[inside[piece]] for piece in np.array_split(np.arange(width), DRIFT_PIECES)]
    pieces = [piece for piece in pieces if piece.size]
    profiles = plane([np.median(band[:, piece], axis=1) for piece in pieces])
    if profiles.max() < -profiles.min():
        profiles = -profiles
    clear = profiles.max(axis=1)
    sure = clear >= LEAST_SHADE
    if int(sure.sum()) < LEAST_PIECES:
        return np.zeros(width, np.float32)
    at = np.array([float(piece.mean()) for piece in pieces])[sure]
    found = np.pad(np.argmax(profiles[sure], axis=1) - band.shape[0] // 2, 1, mode="edge")
    steady = np.median(np.stack([found[:-2], found[1:-1], found[2:]]), axis=0)
    return plane(np.interp(np.arange(width), at, steady))


def _measured(differs: Plane, valid: Mask, tilt: float, row: int) -> Plane | None:
    """The profile of the crease, put back at its place; None where it is no continuous shade."""
    half = round(HALF_WIDTH_MM / MM_PER_INCH * WORKING_DPI)
    height, width = differs.shape
    straight = plane(row + tilt * (np.arange(width) - width / 2))
    inside = _along(valid.astype(np.uint8), straight, half, cv2.INTER_NEAREST).min(axis=0) > 0
    if int(inside.sum()) < width / 3:
        return None
    followed = plane(straight + _drift(_along(differs, straight, half), inside))
    profiles = [(*_profile(_along(differs, line, half)[:, inside]), line) for line in (straight, followed)]
    sure, profile, centre = max(profiles, key=lambda each: each[0])
    low, high = max(0, int(centre.min()) - half), min(height, int(centre.max()) + half + 1)
    if sure < LEAST_SHADE or low >= high:
        return None
    out = np.zeros_like(differs)
    at = np.arange(low, high, dtype=np.float32)[:, None] - centre[None] + half
    out[low:high] = cv2.remap(
        profile[:, None], np.zeros_like(at), at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    return out


def _profile(band: Plane) -> tuple[float, Plane]:
    """How surely the band's shade runs along the whole of it (0: darker than a crease), and its profile across."""
    band = np.ascontiguousarray(band)
    if float(np.abs(np.median(band, axis=1)).max()) > MOST_SHADE:
        return 0.0, band[:, 0]
    band = plane(cv2.GaussianBlur(band, (0, 0), 1.5))
    profile = np.median(band, axis=1)
    peak = int(np.argmax(np.abs(profile)))
    sign = 1.0 if profile[peak] > 0 else -1.0
    sure = float(np.percentile(sign * band[peak], SURE_SHARE))
    return sure, plane(np.where(np.abs(profile) > 0.008, profile, 0))
