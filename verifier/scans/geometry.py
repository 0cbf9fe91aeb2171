"""Matrices and boxes of page content (ISO 32000-2 8.3): row vectors, ``(a, b, c, d, e, f)``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
"""(left, bottom, right, top) in the page's own coordinates."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MM_PER_INCH = 25.4
POINTS_PER_INCH = 72.0


def times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies ``first``, then ``then``."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """A point under a matrix."""
    return x * matrix[0] + y * matrix[2] + matrix[4], x * matrix[1] + y * matrix[3] + matrix[5]


def around(points: Iterable[tuple[float, float]]) -> Box:
    """The smallest box with all points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def unit_square(matrix: Matrix) -> Box:
    """Where an image is painted: the unit square under its matrix (ISO 32000-2 8.9.5.1)."""
    return around(point(matrix, x, y) for x in (0, 1) for y in (0, 1))


def ordered(values: Iterable[float]) -> Box:
    """A rectangle with its corners in order."""
    x0, y0, x1, y1 = values
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def common(first: Box, second: Box) -> Box:
    """The part that two boxes share; without area where they share none."""
    left, bottom = max(first[0], second[0]), max(first[1], second[1])
    return left, bottom, max(left, min(first[2], second[2])), max(bottom, min(first[3], second[3]))


def area(box: Box) -> float:
    """In square units."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


@dataclass(frozen=True)
class PageFrame:
    """A page's visible box, how it is turned, and how long a unit is (ISO 32000-2 7.7.3.3, 14.11.2)."""

    box: Box
    rotation: int = 0
    user_unit: float = 1.0

    @property
    def lies(self) -> bool:
        """Is it displayed turned by a quarter."""
        return self.rotation % 180 == 90

    @property
    def size_points(self) -> tuple[float, float]:
        """Displayed width and height in points."""
        width, height = (self.box[2] - self.box[0]) * self.user_unit, (self.box[3] - self.box[1]) * self.user_unit
        return (height, width) if self.lies else (width, height)

    @property
    def size_mm(self) -> tuple[float, float]:
        """Displayed width and height in millimetres."""
        width, height = self.size_points
        return width / POINTS_PER_INCH * MM_PER_INCH, height / POINTS_PER_INCH * MM_PER_INCH

    def covered_by(self, box: Box) -> float:
        """The share of the page that a box takes up."""
        whole = area(self.box)
        return area(common(box, self.box)) / whole if whole else 0.0

    def resolution(self, matrix: Matrix, pixels: tuple[int, int]) -> tuple[float, float] | None:
        """Horizontal and vertical dpi, as displayed, of an image of so many pixels under its matrix.

        The lengths of the matrix's rows: a picture that was turned or skewed keeps its resolution.
        """
        a, b, c, d, _, _ = matrix
        lengths = math.hypot(a, b) * self.user_unit, math.hypot(c, d) * self.user_unit
        if min(lengths) <= 0 or not all(map(math.isfinite, lengths)):
            return None
        along, across = (count * POINTS_PER_INCH / length for count, length in zip(pixels, lengths, strict=True))
        turned = (abs(b) > abs(a)) != self.lies
        return (across, along) if turned else (along, across)
