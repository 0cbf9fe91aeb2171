"""A sheet captured: by a scanner at 150, 200 or 300 dpi, as a grey photocopy scanned, by a phone or a messenger."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.scans.papers import PAGE_MM, PER_MM
from tests.scans.wear import Mark, folded, glared, handled, moire, photocopied
from verifier.scans.flattening import Picture, plane

CAPTURES = ("scan 150", "scan 200", "scan 300", "photocopy", "phone", "messenger")
PHOTOS = ("phone", "messenger")
PHOTOCOPY_DPI = 200.0
PHONE_SIZE = (2250, 3000)
PHONE_PER_MM = 215 / 25.4
MESSENGER_LONG_SIDE = 1600
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Capture:
    """The file (JPEG), its pixels for each point of the contract, and where a place of the sheet (mm) lies in it.

    ``marks``: a staple or punched holes that this capture shows, as boxes in mm of the sheet.
    """

    data: bytes
    points_per_pixel: float
    place: Callable[[Points], Points]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class _Geometry:
    """From millimetres on the sheet to pixels: a projection after a smooth displacement (feed, curl)."""

    matrix: Points
    wave: tuple[float, float, float]
    phases: tuple[float, float]
    phone: bool

    def bent(self, points: Points) -> Points:
        """The displacement in mm at places in mm."""
        x, y = points[..., 0], points[..., 1]
        along, down, length = self.wave
        turn = 2 * np.pi * y / length
        other = np.pi * x / PAGE_MM[0] * 1.3 + y / PAGE_MM[1] if self.phone else turn
        return np.stack([along * np.sin(turn + self.phases[0]), down * np.sin(other + self.phases[1])], -1)

    def forward(self, points: Points) -> Points:
        """Millimetres to pixels."""
        start = points.copy()
        for _ in range(6):
            start = np.asarray(points - self.bent(start), np.float64)
        return _projected(self.matrix, np.asarray(start, np.float64))

    def backward(self, pixels: Points) -> Points:
        """Pixels to millimetres."""
        flat = _projected(np.asarray(np.linalg.inv(self.matrix), np.float64), pixels)
        return np.asarray(flat + self.bent(flat))


def _projected(matrix: Points, points: Points) -> Points:
    out = np.concatenate([points, np.ones_like(points[..., :1])], -1) @ matrix.T
    return np.asarray(out[..., :2] / out[..., 2:])


def captured(master: Picture, how: str, seed: int, worn: bool = False) -> Capture:
    """Capture the printed sheet; the seed decides geometry, light, blur, noise, dust and compression.

    ``worn``: the sheet may carry a staple or punched holes.
    """
    r = _random(seed)
    phone, dpi, size = _frame(how)
    geometry = _geometry(r, size, dpi / 25.4, phone)
    sheet, marks = handled(master, np.random.RandomState(seed % 2**31)) if worn else (master, ())
    if how == "photocopy":
        sheet = photocopied(sheet, np.random.RandomState(seed % 2**31))
    light = _lit(_laid(sheet, geometry, size, dpi, r), r, dpi / 25.4, phone)
    picture, factor = _sent(_sensed(light, r, dpi / 25.4, phone), how)
    quality = {"messenger": (60, 80), "phone": (70, 93)}.get(how, (60, 91))
    points_per_pixel = 1.0 if phone else 72 / dpi
    data = jpeg(picture, int(r.uniform(*quality)), None if phone else round(dpi))
    return Capture(data, points_per_pixel, lambda points: geometry.forward(points) * factor, marks)


def clean(master: Picture, how: str, seed: int) -> Capture:
    """The sheet as it lies under glass or lens, with the geometry of ``captured`` and nothing else: a PNG."""
    r = _random(seed)
    phone, dpi, size = _frame(how)
    geometry = _geometry(r, size, dpi / 25.4, phone)
    picture, factor = _sent(_laid(master, geometry, size, dpi, r), how)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=1)
    points_per_pixel = 1.0 if phone else 72 / dpi
    return Capture(out.getvalue(), points_per_pixel, lambda points: geometry.forward(points) * factor)


def _random(seed: int) -> np.random.RandomState:
    return np.random.RandomState((seed * 7919 + 13) % 2**31)


def _frame(how: str) -> tuple[bool, float, tuple[int, int]]:
    """Whether it is a photo, the dots per inch of the sheet, width and height in pixels."""
    if how in PHOTOS:
        return True, PHONE_PER_MM * 25.4, PHONE_SIZE
    dpi = PHOTOCOPY_DPI if how == "photocopy" else float(how.split()[1])
    return False, dpi, (round(PAGE_MM[0] * dpi / 25.4), round(PAGE_MM[1] * dpi / 25.4))


def _sent(picture: Picture, how: str) -> tuple[Picture, float]:
    """A messenger makes the picture smaller; with the factor."""
    if how != "messenger":
        return picture, 1.0
    factor = MESSENGER_LONG_SIDE / picture.shape[0]
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8), factor


def jpeg(picture: Picture, quality: int, dpi: int | None) -> bytes:
    """A picture as a file."""
    out = io.BytesIO()
    scale = {} if dpi is None else {"dpi": (dpi, dpi)}
    Image.fromarray(picture).save(out, "JPEG", quality=quality, **scale)
    return out.getvalue()


def _geometry(r: np.random.RandomState, size: tuple[int, int], per_mm: float, phone: bool) -> _Geometry:
    width, height = size
    sheet = np.array([[0, 0], [PAGE_MM[0], 0], list(PAGE_MM), [0, PAGE_MM[1]]], np.float32)
    centre = np.array([width / 2, height / 2])
    if phone:
        half = r.uniform(0.86, 0.96) * height / 2 * 0.97
        corners = (sheet / np.array(PAGE_MM) * 2 - 1) * [half * PAGE_MM[0] / PAGE_MM[1], half] + centre
        corners += r.uniform(-1, 1, (4, 2)) * [width * 0.035, height * 0.03]
        angle, wave = r.uniform(-4, 4), (r.uniform(0, 0.9), r.uniform(0, 1.6), r.uniform(150, 320))
    else:
        stretch, shift = r.uniform(0.994, 1.006, 2), r.uniform(-2.5, 2.5, 2)
        corners = ((sheet - np.array(PAGE_MM) / 2) * stretch + np.array(PAGE_MM) / 2 + shift) * per_mm
        angle, wave = r.uniform(-2, 2), (r.uniform(0, 0.12), r.uniform(0, 0.22), r.uniform(60, 200))
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = (corners - centre) @ np.array([[cos, sin], [-sin, cos]]) + centre
    matrix = cv2.getPerspectiveTransform(sheet, corners.astype(np.float32))
    phases = r.uniform(0, 6.28, 2)
    return _Geometry(np.asarray(matrix, np.float64), wave, (float(phases[0]), float(phases[1])), phone)


def _laid(master: Picture, geometry: _Geometry, size: tuple[int, int], dpi: float, r: np.random.RandomState) -> Picture:
    width, height = size
    step = 16
    knots = np.stack(np.meshgrid(np.arange(0, width + step, step), np.arange(0, height + step, step)), -1)
    at = geometry.backward(knots.astype(np.float64)) * PER_MM
    half = step // 2
    maps = []
    for axis in (0, 1):
        large = cv2.resize(at[..., axis].astype(np.float32), (knots.shape[1] * step, knots.shape[0] * step))
        maps.append(plane(cv2.copyMakeBorder(large, 0, half, 0, half, cv2.BORDER_REPLICATE)))
    x, y = (np.ascontiguousarray(each[half : half + height, half : half + width]) for each in maps)
    soft = cv2.GaussianBlur(master, (0, 0), max(0.3, 0.42 * PER_MM * 25.4 / dpi))
    desk = r.randint(40, 110, 3).tolist() if geometry.phone else [int(r.uniform(225, 250))] * 3
    laid = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=desk)
    return np.asarray(laid, np.uint8)


def _lit(page: Picture, r: np.random.RandomState, per_mm: float, phone: bool) -> Picture:
    """Light and shadow; 0 to 255."""
    height, width = page.shape[:2]
    if not phone:
        light = folded((height, width), r, per_mm)
        if r.rand() < 0.08:  # dirt on the feeder's glass
            x = int(r.uniform(0.05, 0.95) * width)
            light[:, x : x + max(1, int(per_mm * 0.1))] *= np.float32(r.uniform(0.8, 0.93))
        return np.asarray(cv2.multiply(page, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)
    rows, columns = np.mgrid[0:height:8, 0:width:8]
    angle = r.uniform(0, 6.28)
    ramp = columns * math.cos(angle) / width + rows * math.sin(angle) / height
    ramp = (ramp - ramp.min()) / np.ptp(ramp)
    dark = r.uniform(0.62, 0.85)
    light = dark + (1.02 - dark) * ramp * r.uniform(0.5, 1)
    if r.rand() < 0.5:  # a soft shadow
        edge = columns * math.cos(angle + 1) / width + rows * math.sin(angle + 1) / height - r.uniform(0.1, 0.6)
        light = light * (1 - r.uniform(0.1, 0.3) / (1 + np.exp(-edge * r.uniform(15, 60))))
    light = cv2.resize(light.astype(np.float32), (width, height))
    light = plane(light * folded((height, width), r, per_mm))
    lit = np.asarray(cv2.multiply(page, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)
    return moire(glared(lit, r, per_mm), r)


def _sensed(page: Picture, r: np.random.RandomState, per_mm: float, phone: bool) -> Picture:
    """Tones and cast, blur, sharpening, noise, dust."""
    height, width = page.shape[:2]
    levels = np.arange(256, dtype=np.float32)
    tones = 255 * (levels / 255) ** r.uniform(0.8, 1.25)
    tones = (tones - 128) * r.uniform(0.85, 1.12) + 128 + r.uniform(-14, 14)
    cast = 1 + r.uniform(-0.05, 0.05, 3) if phone else 1 + r.uniform(-0.02, 0.02, 3)
    table = plane(tones[:, None] * cast).reshape(1, 256, 3)
    sensed = plane(cv2.LUT(page, table))
    sensed = plane(cv2.GaussianBlur(sensed, (0, 0), r.uniform(0.6, 1.3) if phone else r.uniform(0.3, 0.85)))
    if not phone and r.rand() < 0.35:
        strength = r.uniform(0.3, 0.8)
        soft = cv2.GaussianBlur(sensed, (0, 0), 1.2)
        sensed = plane(cv2.addWeighted(sensed, 1 + strength, soft, -strength, 0))
    noise = np.random.RandomState(r.randint(2**31 - 1)).randn(512, 512, 3).astype(np.float32)
    noise *= np.float32(r.uniform(3, 7) if phone else r.uniform(1.2, 4.5))
    for top in range(0, height, 512):
        for left in range(0, width, 512):
            part = sensed[top : top + 512, left : left + 512]
            part += noise[: part.shape[0], : part.shape[1]]
    picture = np.asarray(cv2.convertScaleAbs(np.maximum(sensed, 0, out=sensed)), np.uint8)
    for _ in range(r.poisson(2)):  # dust
        at = (int(r.uniform(0, width)), int(r.uniform(0, height)))
        cv2.circle(picture, at, int(r.uniform(0.04, 0.17) * per_mm), (int(r.uniform(60, 160)),) * 3, -1, cv2.LINE_AA)
    return picture
