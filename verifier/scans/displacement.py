"""The displacement field: where each tile of the original lies on the copy, to a fraction of a pixel.

One homography leaves 1–2 pixels on a scan and more on a photo (feed, curl); tiles by normalised correlation leave less
than a tenth. Three levels, from wide and coarse to small and fine.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from verifier.scans.flattening import Plane, blurred, bordered, plane
from verifier.scans.registration import Field, interpolated, moved

MIN_CORRELATION = 0.45
MIN_INK = 0.02
"""Mean density of ink below which a tile tells nothing."""
STAY_PENALTY = 0.012
"""Along a line every shift is as good; the smallest is taken."""
MIN_TILES = 6
DAMPING = 2e-4
"""Of the polynomial's terms, by the cube of their degree: where there is no text a cubic would run away."""
SPARSE = 0.006
"""Weight that holds a tile to the polynomial: small, for a frame's few tiles far from any text must move it."""


@dataclass(frozen=True)
class Level:
    """Tiles of ``window`` pixels every ``spacing``, sought within ``radius``."""

    window: int
    radius: int
    spacing: int


COARSE = Level(80, 18, 32)
"""At half the working resolution."""
FINE = (Level(96, 14, 48), Level(64, 5, 32))


@dataclass(frozen=True)
class Tiles:
    """Per tile (rows × columns): the shift in pixels (× 2), its weight (0: not found), and whether there is ink."""

    shift: Plane
    weight: Plane
    inked: Plane
    spacing: int

    @property
    def found(self) -> int:
        """How many tiles were found again."""
        return int((self.weight > 0).sum())


def displacement(original: Plane, copy: Plane, field: Field) -> tuple[Field, Tiles]:
    """Refine a field on ink maps; the tiles are those of the finest level."""
    field = _coarse(original, copy, field)
    tiles: Tiles | None = None
    for level in FINE:
        field, tiles = refined(original, copy, field, level)
    assert tiles is not None
    return field, tiles


def _coarse(original: Plane, copy: Plane, field: Field) -> Field:
    halves = [
        blurred(plane(cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)), 1.0)
        for each in (original, copy)
    ]
    height, width = halves[0].shape
    small = [plane(cv2.resize(axis, (width, height), interpolation=cv2.INTER_LINEAR)) / 2 for axis in field]
    found, _ = refined(halves[0], halves[1], (plane(small[0]), plane(small[1])), COARSE)
    size = (original.shape[1], original.shape[0])
    large = [plane(cv2.resize(axis, size, interpolation=cv2.INTER_LINEAR)) * 2 for axis in found]
    return plane(large[0]), plane(large[1])


def refined(original: Plane, copy: Plane, field: Field, level: Level) -> tuple[Field, Tiles]:
    """One level: measure the tiles, smooth their shifts robustly, compose with the field."""
    tiles = _measured(original, moved(copy, field), level)
    if tiles.found < MIN_TILES:
        return field, tiles
    height, width = original.shape
    dx, dy = interpolated(_smoothed(tiles, (height, width)), level.spacing, (height, width))
    rows, columns = np.indices((height, width), np.float32)
    x, y = columns + dx, rows + dy
    composed = [plane(cv2.remap(axis, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)) for axis in field]
    return (composed[0], composed[1]), tiles


def _measured(original: Plane, copy: Plane, level: Level) -> Tiles:
    height, width = original.shape
    half, radius = level.window // 2, level.radius
    border = half + radius
    a, b = bordered(original, border), bordered(copy, border)
    sums = cv2.integral(a)
    steps = np.arange(-radius, radius + 1, dtype=np.float32) / radius
    penalty = STAY_PENALTY * (steps[:, None] ** 2 + steps[None] ** 2)
    rows, columns = (np.arange(0, size + level.spacing, level.spacing) for size in (height, width))
    shift = np.zeros((rows.size, columns.size, 2), np.float32)
    weight = np.zeros((rows.size, columns.size), np.float32)
    inked = np.zeros_like(weight)
    for j, row in enumerate(rows):
        for i, column in enumerate(columns):
            top, bottom, left, right = (
                row + radius,
                row + radius + 2 * half,
                column + radius,
                column + radius + 2 * half,
            )
            if bottom + radius > a.shape[0] or right + radius > a.shape[1]:
                continue
            mass = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
            if mass < MIN_INK * level.window**2:
                continue
            inked[j, i] = 1
            around = b[top - radius : bottom + radius, left - radius : right + radius]
            scores = cv2.matchTemplate(around, a[top:bottom, left:right], cv2.TM_CCOEFF_NORMED) - penalty
            found = _peak(plane(scores), radius)
            if found is not None:
                shift[j, i], weight[j, i] = found[:2], found[2] ** 4
    return Tiles(shift, weight, inked, level.spacing)


def _peak(scores: Plane, radius: int) -> tuple[float, float, float] | None:
    """Shift across and down with the parabola's fraction, and the correlation; None at the rim or when too low."""
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    if best < MIN_CORRELATION or x in {0, 2 * radius} or y in {0, 2 * radius}:
        return None
    left, right, above, below = (float(scores[r, c]) for r, c in ((y, x - 1), (y, x + 1), (y - 1, x), (y + 1, x)))
    dx = (left - right) / (2 * (left - 2 * best + right) - 1e-9)
    dy = (above - below) / (2 * (above - 2 * best + below) - 1e-9)
    return x - radius + dx, y - radius + dy, best


def _smoothed(tiles: Tiles, shape: tuple[int, int]) -> Plane:
    """A robust polynomial over the page, and what remains smoothed among neighbours; 0 away from evidence."""
    base, weight, tolerance = _polynomial(tiles, shape)
    rest = tiles.shift - base
    size = np.linalg.norm(rest, axis=-1)
    weight = np.where(size > max(2.5, 2 * tolerance), 0.25 * tiles.weight, weight)
    weight[size > max(10.0, 6 * tolerance)] = 0  # coherent outlying clusters stay; their neighbours decide below
    weight = plane(weight)
    profile = cv2.getGaussianKernel(9, 1.6)
    others = np.asarray(profile @ profile.T)
    others[4, 4] = 0
    total = plane(cv2.filter2D(weight, -1, others)) + 1e-6
    mean = np.stack([cv2.filter2D(rest[..., q] * weight, -1, others) / (total + SPARSE) for q in (0, 1)], -1)
    weight[np.linalg.norm(rest - mean, axis=-1) > 1.5] *= 0.02
    spread = 1.1
    near = blurred(weight, spread)
    local = [blurred(plane(rest[..., q] * weight), spread) / (near + SPARSE) for q in (0, 1)]
    return plane(base + np.stack(local, -1))


def _polynomial(tiles: Tiles, shape: tuple[int, int]) -> tuple[Plane, Plane, float]:
    """Fit by iteratively reweighted least squares: the values at the tiles, the last weights, the tolerance in px."""
    height, width = shape
    rows, columns = tiles.weight.shape
    spacing = tiles.spacing
    across, down = np.meshgrid(np.arange(columns) * spacing / width * 2 - 1, np.arange(rows) * spacing / height * 2 - 1)
    degree = 3 if tiles.found > 120 else 2 if tiles.found > 40 else 1
    terms = np.stack([across**i * down**j for i in range(degree + 1) for j in range(degree + 1 - i)], -1).reshape(
        rows * columns, -1
    )
    first = tiles.weight.ravel().astype(np.float64)
    weight, shifts = first.copy(), tiles.shift.reshape(-1, 2).astype(np.float64)
    degrees = np.array([i + j for i in range(degree + 1) for j in range(degree + 1 - i)], np.float64)
    damping = np.diag(DAMPING * degrees**3) * max(1.0, weight.sum())
    tolerance = 1.2
    fitted = np.zeros_like(shifts)
    for _ in range(6):
        weighted = terms * weight[:, None]
        fitted = terms @ np.linalg.solve(
            weighted.T @ terms + damping + np.eye(len(damping)) * 1e-9, weighted.T @ shifts
        )
        error = np.linalg.norm(shifts - fitted, axis=1)
        tolerance = max(1.2, 2.5 * float(np.median(error[first > 0])))
        weight = weight * (1 / (1 + (error / tolerance) ** 4))
    return plane(fitted.reshape(tiles.shift.shape)), plane(weight.reshape(rows, columns)), tolerance
