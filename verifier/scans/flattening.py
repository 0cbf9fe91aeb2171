"""Pictures of paper as maps of ink: lighting, paper tone and desk taken away."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]
Picture = NDArray[np.uint8]
"""Height × width × 3, red green blue."""

WORKING_DPI = 200
FINE_DPI = 300
"""Of the look at small spots, where both sides have it (``fine_look``)."""
MM_PER_INCH = 25.4
PAPER_CONTRAST = 35
"""Levels of 255 by which a desk is darker than the paper on it, else there is no desk."""


def pixels(mm: float, dpi: float = WORKING_DPI) -> int:
    """Millimetres as whole pixels."""
    return round(mm / MM_PER_INCH * dpi)


def plane(values: Any) -> Plane:
    """What OpenCV answers, as the float picture it is."""
    return np.asarray(values, dtype=np.float32)


def blurred(values: Plane, sigma: float) -> Plane:
    """Gaussian blur by ``sigma`` pixels."""
    return plane(cv2.GaussianBlur(values, (0, 0), sigma)) if sigma else values


def bordered(values: Plane, border: int) -> Plane:
    """The picture with blank paper around it."""
    return plane(cv2.copyMakeBorder(values, border, border, border, border, cv2.BORDER_CONSTANT, value=0))


def grey_of(picture: Picture) -> Grey:
    """Lightness, 0 to 255."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def resized(picture: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    """The picture at another scale."""
    if abs(factor - 1) < 0.01:
        return picture
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how), dtype=np.uint8)


def ink(grey: Grey, dpi: float = WORKING_DPI) -> Plane:
    """Density of ink, 0 (paper) to 1 (black), with the background taken from a closing of 7.5 mm."""
    coarse = 4
    small = cv2.resize(grey, None, fx=1 / coarse, fy=1 / coarse, interpolation=cv2.INTER_AREA)
    side = round(7.5 / MM_PER_INCH * dpi / coarse) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    background = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel).astype(np.float32), (0, 0), side / 3)
    background = cv2.resize(background, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return plane(np.clip(1 - grey.astype(np.float32) / np.maximum(background, 20), -0.1, 1))


def paper(grey: Grey, dpi: float = WORKING_DPI) -> Mask | None:
    """Where the sheet lies, if it stands out from a darker desk (a photo); None where the picture is all paper."""
    per_mm = dpi / 25.0
    small = cv2.resize(grey, None, fx=1 / per_mm, fy=1 / per_mm, interpolation=cv2.INTER_AREA)
    small = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, bright = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    light, dark = small[bright > 0], small[bright == 0]
    if dark.size < 0.02 * small.size or light.mean() - dark.mean() < PAPER_CONTRAST:
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    area = int(stats[largest, cv2.CC_STAT_AREA])
    contours, _ = cv2.findContours((labels == largest).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(sheet, cv2.convexHull(max(contours, key=cv2.contourArea)), 1)
    if area < 0.3 * small.size or area < 0.9 * int(sheet.sum()):
        return None
    framed = cv2.copyMakeBorder(sheet, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    sheet = cv2.erode(framed, np.ones((3, 3), np.uint8), iterations=3)[1:-1, 1:-1].astype(np.uint8)
    full = cv2.resize(sheet, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(full > 0)
