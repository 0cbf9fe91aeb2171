"""The demo's seal and signature as pictures: red and blue on transparent ground (NĐ 30/2020 Phụ lục I)."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw, ImageFont

from demo.documents import font_path

RED = (204, 0, 0, 255)
BLUE = (0, 51, 153, 255)
SEAL_PX = 850
"""36 mm at 600 dpi."""


def seal_picture(around: str) -> bytes:
    """A round red seal with a star, the words along its edge."""
    image = Image.new("RGBA", (SEAL_PX, SEAL_PX), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    middle = SEAL_PX / 2
    for radius, width in ((middle - 6, 16), (middle - 36, 6), (middle * 0.58, 6)):
        draw.ellipse((middle - radius, middle - radius, middle + radius, middle + radius), outline=RED, width=width)
    draw.polygon(_star(middle, middle, middle * 0.42), fill=RED)
    font = ImageFont.truetype(str(font_path("Tinos-Bold.ttf")), 74)
    widths = [font.getlength(letter) for letter in around]
    full = 2 * math.pi * 0.94 / sum(widths)  # radians for each pixel of width: the words fill the ring but for a gap
    start = -sum(widths) / 2
    for letter, advance in zip(around, widths, strict=True):
        angle = full * (start + advance / 2)
        start += advance
        tile = Image.new("RGBA", (130, 130), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((65, 65), letter, font=font, fill=RED, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        reach = middle * 0.755
        place = (int(middle + reach * math.sin(angle) - 65), int(middle - reach * math.cos(angle) - 65))
        image.alpha_composite(tile, place)
    return _png(image)


def signature_picture() -> bytes:
    """A flourish of blue ink."""
    image = Image.new("RGBA", (900, 360), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    points = []
    for index in range(600):
        t = index / 599
        x = 60 + 760 * t + 46 * math.sin(21 * t)
        y = 200 - 120 * math.exp(-5 * t) * math.cos(17 * t) - 56 * math.sin(26 * t) * (1 - t) + 40 * t * math.sin(9 * t)
        points.append((x, y))
    draw.line(points, fill=BLUE, width=9, joint="curve")
    draw.line([(150, 318), (760, 268)], fill=BLUE, width=7)
    return _png(image)


def initials_picture() -> bytes:
    """A drafter's initials in blue ink."""
    image = Image.new("RGBA", (300, 150), (0, 0, 0, 0))
    points = []
    for index in range(300):
        t = index / 299
        points.append((25 + 250 * t + 20 * math.sin(14 * t), 80 - 48 * math.sin(19 * t) * (1 - 0.7 * t)))
    ImageDraw.Draw(image).line(points, fill=BLUE, width=7, joint="curve")
    return _png(image)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    corners = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.pi * corner / 5
        corners.append((x + reach * math.sin(angle), y - reach * math.cos(angle)))
    return corners


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
