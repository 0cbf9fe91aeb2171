"""What happens to a sheet and to its light: photocopies in grey, folds, glare, moiré, staples, punched holes."""

from __future__ import annotations

import math

import cv2
import numpy as np

from tests.scans.papers import PAGE_MM, PER_MM
from verifier.scans.flattening import Picture, Plane, plane

Mark = tuple[float, float, float, float]
"""(left, top, right, bottom) in mm of the sheet."""
STAPLED, PUNCHED = 0.05, 0.05
"""How many captures of a worn sheet show a staple, or holes that the other capture does not have."""


def photocopied(sheet: Picture, r: np.random.RandomState) -> Picture:
    """A copier's second print: grey, steeper tones, toner that spreads and breaks, a grey veil, specks of toner."""
    grey = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), r.uniform(0.9, 1.6))
    middle, steep = r.uniform(120, 165), r.uniform(0.018, 0.045)
    levels = 1 / (1 + np.exp(-(np.arange(256) - middle) * steep))
    levels = (levels - levels[0]) / (levels[-1] - levels[0])
    black, white = r.uniform(15, 60), r.uniform(225, 250)
    copied = cv2.LUT(grey, np.clip(black + (white - black) * levels, 0, 255).astype(np.uint8))
    small = r.randn(copied.shape[0] // 3, copied.shape[1] // 3).astype(np.float32)
    grain = cv2.resize(small, (copied.shape[1], copied.shape[0]), interpolation=cv2.INTER_LINEAR)
    grain = cv2.convertScaleAbs(grain, alpha=r.uniform(2, 7))  # toner that did not take, and veil
    dark = copied < 128
    copied = np.where(dark, cv2.add(copied, grain), cv2.subtract(copied, grain // 2))
    for _ in range(r.poisson(6)):  # specks of toner
        at = (int(r.uniform(0, copied.shape[1])), int(r.uniform(0, copied.shape[0])))
        cv2.circle(copied, at, int(r.uniform(0.03, 0.15) * PER_MM), int(black), -1, cv2.LINE_AA)
    return np.asarray(cv2.cvtColor(copied, cv2.COLOR_GRAY2RGB), np.uint8)


def handled(sheet: Picture, r: np.random.RandomState) -> tuple[Picture, tuple[Mark, ...]]:
    """Sometimes a staple in the corner, or two punched holes at the left side; with their places."""
    chance = r.rand()
    if chance < STAPLED:
        return _stapled(sheet, r)
    if chance < STAPLED + PUNCHED:
        return _punched(sheet, r)
    return sheet, ()


def _stapled(sheet: Picture, r: np.random.RandomState) -> tuple[Picture, tuple[Mark, ...]]:
    x, y, angle, half = r.uniform(9, 20), r.uniform(8, 18), r.uniform(-0.9, 0.9), 5.5
    across, down = half * math.cos(angle), half * math.sin(angle)
    sheet = sheet.copy()
    ends = [(int((x + s * across) * PER_MM), int((y + s * down) * PER_MM)) for s in (-1, 1)]
    shade = [(a + int(0.3 * PER_MM), b + int(0.4 * PER_MM)) for a, b in ends]
    cv2.line(sheet, shade[0], shade[1], (190, 190, 190), int(0.5 * PER_MM), cv2.LINE_AA)
    cv2.line(sheet, ends[0], ends[1], (110, 112, 116), int(0.5 * PER_MM), cv2.LINE_AA)
    return sheet, ((x - abs(across) - 1, y - abs(down) - 1, x + abs(across) + 1, y + abs(down) + 1),)


def _punched(sheet: Picture, r: np.random.RandomState) -> tuple[Picture, tuple[Mark, ...]]:
    x, middle = r.uniform(9, 13), PAGE_MM[1] / 2 + r.uniform(-4, 4)
    sheet = sheet.copy()
    shade = (int(r.choice((30, 240))),) * 3  # a black lid or a white one behind the hole
    marks = []
    for y in (middle - 40, middle + 40):
        cv2.circle(sheet, (int(x * PER_MM), int(y * PER_MM)), int(3 * PER_MM), shade, -1, cv2.LINE_AA)
        cv2.circle(sheet, (int(x * PER_MM), int(y * PER_MM)), int(3 * PER_MM), (150, 150, 150), 2, cv2.LINE_AA)
        marks.append((x - 4, y - 4, x + 4, y + 4))
    return sheet, tuple(marks)


def folded(shape: tuple[int, int], r: np.random.RandomState, per_mm: float) -> Plane:
    """Light on a sheet: one in four was folded, one in ten both ways; a crease shows as a dark and a bright band."""
    light = np.ones(shape, np.float32)
    chance = r.rand()
    for axis in (0, 1):
        if chance > (0.25, 0.10)[axis]:
            continue
        places = np.arange(shape[axis]) - r.uniform(0.3, 0.7) * shape[axis]
        dark = r.uniform(0.05, 0.22) * np.exp(-((places / (per_mm * r.uniform(0.25, 0.6))) ** 2))
        bright = r.uniform(0, 0.05) * np.exp(-(((places - per_mm) / per_mm) ** 2))
        profile = (1 - dark + bright).astype(np.float32)
        light *= profile[:, None] if axis == 0 else profile[None, :]
    return light


def glared(page: Picture, r: np.random.RandomState, per_mm: float) -> Picture:
    """One photo in four has a lamp's reflection of 20 to 45 mm that washes the print out, by 60 % in its middle."""
    if r.rand() >= 0.25:
        return page
    height, width = page.shape[:2]
    x, y, reach = r.uniform(0.1, 0.9) * width, r.uniform(0.1, 0.9) * height, r.uniform(20, 45) * per_mm
    rows, columns = np.mgrid[0:height:8, 0:width:8]
    far = np.hypot(columns - x, (rows - y) * r.uniform(0.7, 1.4)) / reach
    small = (r.uniform(0.2, 0.6) * np.exp(-((far * 1.3) ** 2))).astype(np.float32)
    veil = cv2.merge([cv2.resize(small, (width, height))] * 3)
    out = page.astype(np.float32)
    out += (255 - out) * veil
    return np.asarray(cv2.convertScaleAbs(out), np.uint8)


def moire(page: Picture, r: np.random.RandomState) -> Picture:
    """One photo in four has coloured bands of 2 to 6 levels, every 4 to 14 pixels (sensor against halftone)."""
    if r.rand() >= 0.25:
        return page
    height, width = page.shape[:2]
    angle, period, levels = r.uniform(0, 3.14), r.uniform(4, 14), r.uniform(2, 6)
    across, down = (
        2 * np.pi / period * wave * np.arange(count)
        for wave, count in ((math.cos(angle), width), (math.sin(angle), height))
    )
    bands = []
    for phase in r.uniform(0, 6.28, 3):  # sin(a + b) of a plane wave from one row and one column
        wave = np.outer(np.sin(down + phase), np.cos(across)) + np.outer(np.cos(down + phase), np.sin(across))
        bands.append(plane(wave * levels))
    return np.asarray(cv2.add(page, cv2.merge(bands), dtype=cv2.CV_8U), np.uint8)
