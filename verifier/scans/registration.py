"""Where a point of the original lies on the copy: one homography from features that both show."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from verifier.scans.flattening import Grey, Plane, plane, resized

Matrix = NDArray[np.float64]
Field = tuple[Plane, Plane]
"""For each pixel of the original the x and the y of the same place on the copy, in pixels."""

FEATURES = 3000
NEAREST_RATIO = 0.8
"""A match counts when the second best descriptor is this much farther (Lowe)."""
MIN_MATCHES = 12
MIN_INLIERS = 15
REPROJECTION_PX = 4.0
KNOT_PX = 32
"""Between the places at which a smooth field is computed; it is interpolated between them."""


@dataclass(frozen=True)
class Features:
    """Places (N × 2, pixels of the picture given) and their SIFT descriptors (N × 128)."""

    points: Plane
    descriptors: Plane


@dataclass(frozen=True)
class Homography:
    """From the original's pixels to the copy's, and how many matches agree with it."""

    matrix: Matrix
    inliers: int


def features_of(grey: Grey, scale: float = 0.36, limit: int = FEATURES) -> Features:
    """SIFT at ``scale`` times the picture's resolution, the places in the picture's own pixels."""
    small = resized(grey, scale)
    everywhere = np.full(small.shape, 255, np.uint8)
    found, descriptors = cv2.SIFT.create(limit, contrastThreshold=0.03).detectAndCompute(small, everywhere)
    if not found:
        return Features(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    return Features(plane([point.pt for point in found]) / np.float32(scale), plane(descriptors))


def register(original: Features, copy: Features) -> Homography | None:
    """The homography that most matches agree on (MAGSAC); None where too few do."""
    if min(len(original.points), len(copy.points)) < MIN_MATCHES:
        return None
    matcher = cv2.FlannBasedMatcher({"algorithm": 1, "trees": 4}, {"checks": 40})
    pairs = matcher.knnMatch(original.descriptors, copy.descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < NEAREST_RATIO * pair[1].distance]
    if len(good) < MIN_MATCHES:
        return None
    matrix, agrees = cv2.findHomography(
        original.points[[match.queryIdx for match in good]],
        copy.points[[match.trainIdx for match in good]],
        cv2.USAC_MAGSAC,
        REPROJECTION_PX,
        maxIters=5000,
        confidence=0.999,
    )
    inliers = 0 if agrees is None else int(agrees.sum())
    if matrix is None or inliers < MIN_INLIERS:
        return None
    return Homography(np.asarray(matrix, np.float64), inliers)


def field_of(matrix: Matrix, shape: tuple[int, int]) -> Field:
    """The homography for every pixel of a picture of this shape."""
    height, width = shape
    across, down = np.meshgrid(
        np.arange(0, width + KNOT_PX, KNOT_PX, dtype=np.float32),
        np.arange(0, height + KNOT_PX, KNOT_PX, dtype=np.float32),
    )
    knots = np.stack([across, down], -1).reshape(1, -1, 2)
    moved = plane(cv2.perspectiveTransform(knots, matrix)).reshape((*across.shape, 2))
    return interpolated(moved, KNOT_PX, shape)


def interpolated(knots: Plane, spacing: int, shape: tuple[int, int]) -> Field:
    """Values at knots (rows × columns × 2, the first at pixel 0), linear between them."""
    height, width = shape
    offset = spacing // 2  # resize centres its samples: knot i lies at spacing × (i + ½) − ½
    parts = []
    for axis in (0, 1):
        values = np.ascontiguousarray(knots[..., axis], np.float32)
        large = cv2.resize(
            values, (values.shape[1] * spacing, values.shape[0] * spacing), interpolation=cv2.INTER_LINEAR
        )
        low, right = max(0, offset + height - large.shape[0]), max(0, offset + width - large.shape[1])
        if low or right:
            large = cv2.copyMakeBorder(large, 0, low, 0, right, cv2.BORDER_REPLICATE)
        parts.append(plane(np.ascontiguousarray(large[offset : offset + height, offset : offset + width])))
    return parts[0], parts[1]


def moved(values: NDArray[np.uint8] | Plane, field: Field, how: int = cv2.INTER_LINEAR) -> Plane:
    """The copy's values at the original's pixels."""
    return plane(cv2.remap(values, field[0], field[1], how))
