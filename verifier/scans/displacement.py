"""The displacement field: where each tile of the original lies on the copy, to a fraction of a pixel.

One homography leaves 1–2 pixels on a scan and more on a photo (feed, curl); tiles by normalised correlation leave less
than a tenth. Three levels, from wide and coarse to small and fine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.scans.flattening import Plane, blurred, bordered, plane
from verifier.scans.registration import Field, interpolated, moved

Places = NDArray[np.float64] | NDArray[np.int_]

MIN_CORRELATION = 0.45
MIN_INK = 0.02
"""Mean density of ink below which a tile tells nothing."""
STAY_PENALTY = 0.012
"""Along a line every shift is as good; the smallest is taken."""
LINE_PENALTY = 0.3
"""The same on a tile that shows nothing but lines: noise must not choose."""
LINE_SHARE, TEXT_SHARE = 0.03, 0.12
"""Of a tile's slopes, along one axis: below the first it is a line (leaning up to 8°), above the second it is text."""
EVIDENCE_BORDER = 64
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


WIDE, MIDDLE = Level(80, 18, 32), Level(48, 7, 24)
"""At half the working resolution."""
FOUND_SHARE = 0.9
"""Of the inked tiles: with less the others are sought once more, from where the widest level came to."""
FINE = Level(64, 5, 32)


@dataclass(frozen=True)
class Tiles:
    """Per tile (rows × columns): the shift left over in pixels (× 2), its weight (0: not found), whether there is ink.

    ``trust``: 0 to 1 for each axis; a tile on a straight line tells the shift across the line only.
    """

    shift: Plane
    weight: Plane
    inked: Plane
    trust: Plane
    spacing: int

    @property
    def found(self) -> int:
        """How many tiles were found again."""
        return int((self.weight > 0).sum())


@dataclass(frozen=True)
class _Evidence:
    """Sums over the original at half the working resolution (integral pictures): ink, slopes across and down."""

    ink: Plane
    across: Plane
    down: Plane

    @classmethod
    def of(cls, half: Plane) -> _Evidence:
        wide = bordered(half, EVIDENCE_BORDER)
        slopes = (plane(cv2.Sobel(wide, cv2.CV_32F, i, 1 - i)) for i in (1, 0))
        sums = [plane(cv2.integral(each, sdepth=cv2.CV_32F)) for each in (wide, *(slope**2 for slope in slopes))]
        return cls(*sums)

    def at(self, rows: Places, columns: Places, window: float) -> tuple[Plane, Plane]:
        """Per tile around a place (half resolution): the mean ink, and the trust in its shift across and down."""
        first, last = EVIDENCE_BORDER - round(window / 2), EVIDENCE_BORDER + round(window / 2)
        height, width = self.ink.shape
        top, bottom = (np.clip(np.round(rows + by).astype(int), 0, height - 1)[:, None] for by in (first, last))
        left, right = (np.clip(np.round(columns + by).astype(int), 0, width - 1)[None] for by in (first, last))
        ink, across, down = (
            each[bottom, right] - each[top, right] - each[bottom, left] + each[top, left]
            for each in (self.ink, self.across, self.down)
        )
        shares = np.stack([across, down], -1) / (across + down + 1e-6)[..., None]
        return plane(ink / window**2), plane(np.clip((shares - LINE_SHARE) / (TEXT_SHARE - LINE_SHARE), 0, 1))


def displacement(original: Plane, copy: Plane, field: Field) -> tuple[Field, Tiles]:
    """Refine a field on ink maps; the tiles are those of the finest level."""
    halves = [
        blurred(plane(cv2.resize(each, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)), 1.0)
        for each in (original, copy)
    ]
    evidence = _Evidence.of(halves[0])
    height, width = halves[0].shape
    small = [plane(cv2.resize(axis, (width, height), interpolation=cv2.INTER_LINEAR)) for axis in field]
    found: Field = (plane(small[0] / 2), plane(small[1] / 2))
    found, tiles = _refined(halves[0], halves[1], found, WIDE, evidence)
    if tiles.found < FOUND_SHARE * float(tiles.inked.sum()):  # far from any text the homography was too far off
        found, _ = _refined(halves[0], halves[1], found, WIDE, evidence, tiles)
    found, _ = _refined(halves[0], halves[1], found, MIDDLE, evidence)
    size = (original.shape[1], original.shape[0])
    large = [plane(cv2.resize(axis, size, interpolation=cv2.INTER_LINEAR)) for axis in found]
    return _refined(original, copy, (plane(large[0] * 2), plane(large[1] * 2)), FINE, evidence)


def _refined(
    original: Plane, copy: Plane, field: Field, level: Level, evidence: _Evidence, before: Tiles | None = None
) -> tuple[Field, Tiles]:
    """One level: measure the tiles but for those found ``before``, smooth their shifts robustly, compose the field."""
    tiles = _measured(original, moved(copy, field), level, evidence, before)
    if tiles.found < MIN_TILES:
        return field, tiles
    height, width = original.shape
    smooth = _smoothed(tiles, (height, width))
    dx, dy = interpolated(smooth, level.spacing, (height, width))
    x = dx + np.arange(width, dtype=np.float32)
    y = dy + np.arange(height, dtype=np.float32)[:, None]
    composed = [plane(cv2.remap(axis, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)) for axis in field]
    return (composed[0], composed[1]), replace(tiles, shift=plane(tiles.shift - smooth))


def _measured(original: Plane, copy: Plane, level: Level, evidence: _Evidence, before: Tiles | None) -> Tiles:
    height, width = original.shape
    half, radius = level.window // 2, level.radius
    border = half + radius
    a, b = bordered(original, border), bordered(copy, border)
    steps = plane((np.arange(-radius, radius + 1) / radius) ** 2)
    rows, columns = (np.arange(0, size + level.spacing, level.spacing) for size in (height, width))
    scale = 0.5 if level is FINE else 1.0
    density, trust = evidence.at(rows * scale, columns * scale, level.window * scale)
    there = np.logical_and.outer(rows + 2 * border <= a.shape[0], columns + 2 * border <= a.shape[1])
    inked = there & (density >= MIN_INK)
    shift = np.zeros((rows.size, columns.size, 2), np.float32) if before is None else before.shift.copy()
    weight = np.zeros((rows.size, columns.size), np.float32) if before is None else before.weight.copy()
    for j, i in np.argwhere(inked & (weight == 0)):
        row, column = int(rows[j]), int(columns[i])
        around = b[row : row + 2 * border, column : column + 2 * border]
        part = a[row + radius : row + radius + 2 * half, column + radius : column + radius + 2 * half]
        scores = plane(cv2.matchTemplate(around, part, cv2.TM_CCOEFF_NORMED))
        found = _peak(scores, steps, float(trust[j, i, 0]), float(trust[j, i, 1]))
        if found is not None:
            shift[j, i], weight[j, i] = found[:2], found[2] ** 4
    return Tiles(shift, weight, plane(inked), trust, level.spacing)


def _peak(scores: Plane, steps: Plane, across: float, down: float) -> tuple[float, float, float] | None:
    """Shift across and down with the parabola's fraction, and the correlation; None at the rim or when too low."""
    radius = steps.size // 2
    stay = [STAY_PENALTY * known + LINE_PENALTY * (1 - known) for known in (across, down)]
    scores = plane(scores - stay[1] * steps[:, None] - stay[0] * steps[None])
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
    size = np.linalg.norm(rest * tiles.trust, axis=-1)
    weight = np.where(size > max(2.5, 2 * tolerance), 0.25 * tiles.weight, weight)
    weight[size > max(10.0, 6 * tolerance)] = 0  # coherent outlying clusters stay; their neighbours decide below
    weights = plane(weight[..., None] * tiles.trust)
    profile = cv2.getGaussianKernel(9, 1.6)
    others = np.asarray(profile @ profile.T)
    others[4, 4] = 0
    total = plane(cv2.filter2D(weights, -1, others)) + 1e-6
    mean = plane(cv2.filter2D(plane(rest * weights), -1, others)) / (total + SPARSE)
    weights[np.linalg.norm((rest - mean) * tiles.trust, axis=-1) > 1.5] *= 0.02
    spread = 1.1
    local = blurred(plane(rest * weights), spread) / (blurred(weights, spread) + SPARSE)
    return plane(base + local)


def _polynomial(tiles: Tiles, shape: tuple[int, int]) -> tuple[Plane, Plane, float]:
    """Fit by iteratively reweighted least squares: the values at the tiles, the last weights, the tolerance in px."""
    terms, degrees = _terms(tiles, shape)
    first = tiles.weight.ravel().astype(np.float64)
    weight, shifts = first.copy(), tiles.shift.reshape(-1, 2).astype(np.float64)
    trust = tiles.trust.reshape(-1, 2).astype(np.float64)
    damping = np.diag(DAMPING * degrees**3)
    tolerance = 1.2
    fitted = np.zeros_like(shifts)
    for _ in range(6):
        for axis in (0, 1):
            weighted = terms * (weight * trust[:, axis])[:, None]
            held = damping * max(1.0, float(weight.sum())) + np.eye(len(damping)) * 1e-9
            fitted[:, axis] = terms @ np.linalg.solve(weighted.T @ terms + held, weighted.T @ shifts[:, axis])
        error = np.linalg.norm((shifts - fitted) * trust, axis=1)
        tolerance = max(1.2, 2.5 * float(np.median(error[first > 0])))
        weight = weight * (1 / (1 + (error / tolerance) ** 4))
    return plane(fitted.reshape(tiles.shift.shape)), plane(weight.reshape(tiles.weight.shape)), tolerance


def _terms(tiles: Tiles, shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The polynomial's terms at each tile, and their degrees; fewer where few tiles were found."""
    height, width = shape
    rows, columns = tiles.weight.shape
    across, down = np.meshgrid(
        np.arange(columns) * tiles.spacing / width * 2 - 1, np.arange(rows) * tiles.spacing / height * 2 - 1
    )
    degree = 3 if tiles.found > 120 else 2 if tiles.found > 40 else 1
    powers = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    terms = np.stack([across**i * down**j for i, j in powers], -1).reshape(rows * columns, -1)
    return terms, np.array([i + j for i, j in powers], np.float64)
