"""A sheet as it lies on the desk: printed at 400 dpi with toner spread, paper tone and grain, from a seed."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.scans.papers import COMMUNES, PAGE_MM, PER_MM, PROVINCES, Seal, Sheet, Signature, font
from verifier.scans.flattening import Picture, Plane, plane

WIDTH, HEIGHT = (round(side * PER_MM) for side in PAGE_MM)
BLACK, RED, BLUE = (25, 25, 28), (205, 28, 45), (30, 40, 140)


def printed(sheet: Sheet, seed: int) -> Picture:
    """The page; the same seed gives the same paper and toner."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for word in sheet.words:
        draw.text((word.x * PER_MM, word.y * PER_MM), word.text, font=font(word.style, word.points), fill=BLACK)
    for rule in sheet.rules:
        ends = tuple(value * PER_MM for value in (rule.x0, rule.y0, rule.x1, rule.y1))
        draw.line(ends, fill=BLACK, width=max(1, int(rule.width * PER_MM)))
    page = np.array(image)
    for signature in sheet.signatures:
        _inked(page, _stroke(signature), signature.x, signature.y, BLUE)
    for seal in sheet.seals:
        _inked(page, _seal(seal), seal.x, seal.y, RED)
    return _on_paper(page, np.random.RandomState(seed % 2**31))


def _on_paper(page: Picture, r: np.random.RandomState) -> Picture:
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), r.uniform(0.6, 1.1)), dtype=np.uint8)
    grain = cv2.resize(r.randn(HEIGHT // 6, WIDTH // 6).astype(np.float32), (WIDTH, HEIGHT))
    grain = cv2.convertScaleAbs(grain, alpha=r.uniform(1, 2.2) * 1.6)
    for channel, white in enumerate((r.uniform(244, 252), r.uniform(243, 251), r.uniform(236, 250))):
        tones = np.clip(np.arange(256) * white / 255, 0, 255).astype(np.uint8)
        page[..., channel] = cv2.subtract(cv2.LUT(np.ascontiguousarray(page[..., channel]), tones), grain)
    return page


def _seal(seal: Seal) -> Plane:
    radius = int(17.5 * PER_MM)
    side, centre = 2 * radius + 8, radius + 4
    image = Image.new("L", (side, side), 0)
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, side - 4, side - 4), outline=255, width=int(0.7 * PER_MM))
    inner = int(4.6 * PER_MM)
    draw.ellipse((inner, inner, side - inner, side - inner), outline=255, width=int(0.35 * PER_MM))
    star = []
    for i in range(10):
        angle, reach = -math.pi / 2 + i * math.pi / 5, radius * 0.36 * (1 if i % 2 == 0 else 0.4)
        star.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
    draw.polygon(star, fill=255)
    r = random.Random(seal.seed)
    text = f"U.B.N.D XÃ {r.choice(COMMUNES).upper()} * TỈNH {r.choice(PROVINCES).upper()} *"
    for i, letter in enumerate(text):
        angle = 2 * math.pi * i / len(text) - math.pi / 2
        glyph = Image.new("L", (int(5 * PER_MM), int(5 * PER_MM)), 0)
        ImageDraw.Draw(glyph).text(
            (glyph.width / 2, glyph.height / 2), letter, font=font("b", 8.5), fill=255, anchor="mm"
        )
        glyph = glyph.rotate(-math.degrees(angle) - 90, resample=Image.Resampling.BICUBIC)
        reach = radius - 2.5 * PER_MM
        x, y = centre + reach * math.cos(angle), centre + reach * math.sin(angle)
        image.paste(255, (int(x - glyph.width / 2), int(y - glyph.height / 2)), glyph)
    turned = plane(np.asarray(image.rotate(seal.degrees, resample=Image.Resampling.BICUBIC))) / np.float32(255)
    spots = np.random.RandomState(seal.seed % 2**31).rand(24, 24).astype(np.float32)
    spots = np.asarray(cv2.resize(spots, (side, side), interpolation=cv2.INTER_CUBIC), np.float32)
    return plane(turned * np.clip(0.62 + 0.45 * spots, 0.35, 0.95))


def _stroke(signature: Signature) -> Plane:
    """A Catmull-Rom curve through a few random points."""
    r = random.Random(signature.seed)
    width, height = int(34 * PER_MM * signature.scale), int(20 * PER_MM * signature.scale)
    count = r.randint(6, 9)
    knots = np.array(
        [
            [r.uniform(0.05, 0.95) * width if i % 2 else (0.1 + 0.8 * i / count) * width, r.uniform(0.1, 0.9) * height]
            for i in range(count)
        ]
    )
    time = np.linspace(0, count - 1.001, 300)
    index = time.astype(int)
    f = (time - index)[:, None]

    def near(step: int) -> NDArray[np.float64]:
        return np.asarray(knots[np.clip(index + step, 0, count - 1)])

    curve = 0.5 * (
        2 * near(0)
        + (near(1) - near(-1)) * f
        + (2 * near(-1) - 5 * near(0) + 4 * near(1) - near(2)) * f**2
        + (3 * near(0) - near(-1) - 3 * near(1) + near(2)) * f**3
    )
    canvas = np.zeros((height, width), np.uint8)
    thick = max(2, int(0.45 * PER_MM * min(1.0, signature.scale * 1.6)))
    cv2.polylines(canvas, [curve.astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    return plane(canvas) / np.float32(255) * np.float32(0.9)


def _inked(page: Picture, density: Plane, x: float, y: float, colour: tuple[int, int, int]) -> None:
    """Lay ink over the page (darker of the two), centred at (x, y) mm."""
    height, width = density.shape
    left, top = int(x * PER_MM - width / 2), int(y * PER_MM - height / 2)
    rows = slice(max(0, top), min(HEIGHT, top + height))
    columns = slice(max(0, left), min(WIDTH, left + width))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    part = density[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left, None]
    under = page[rows, columns].astype(np.float32)
    over = np.minimum(np.array(colour, np.float32), under)
    page[rows, columns] = (under * (1 - part) + part * over).astype(np.uint8)
