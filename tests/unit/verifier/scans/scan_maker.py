"""Scans of made-up papers as PDF, page by page, for the tests to add things to."""

from __future__ import annotations

import io
import random
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

A5_MM = (148.0, 210.0)
DPI = 200
TINOS = Path("/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf")
TEXT = (
    "Uỷ ban nhân dân xã xác nhận ông Nguyễn Văn An sinh ngày 12 tháng 3 năm 1987 thường trú tại bản Nà Lầu "
    "đã nộp đủ hồ sơ đề nghị cấp giấy chứng nhận quyền sử dụng đất theo quy định của pháp luật"
)
WORDS = TEXT.split()
ADDED_TEXT = "BT 0 g /F1 11 Tf 120 320 Td (Nguyen Van Binh) Tj ET"
"""Content of a page: a name that no scanned paper says."""


def points(mm: float) -> float:
    """Millimetres as points."""
    return mm / 25.4 * 72


PAGE = (points(A5_MM[0]), points(A5_MM[1]))


@cache
def paper(seed: int, dpi: int = DPI) -> Image.Image:
    """A printed page as a scanner sees it: letters, a red seal, the grain of the paper, a slight blur."""
    chance = random.Random(seed)
    size = round(A5_MM[0] / 25.4 * dpi), round(A5_MM[1] / 25.4 * dpi)
    page = Image.new("RGB", size, (246, 244, 238))
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(str(TINOS), round(12 / 72 * dpi))
    left, top, step = round(size[0] * 0.12), round(size[1] * 0.08), round(18 / 72 * dpi)
    for line in range(chance.randint(16, 22)):
        words = " ".join(chance.choices(WORDS, k=chance.randint(6, 8)))
        draw.text((left, top + line * step), words[:44], (40, 38, 42), font)
    centre, radius = (size[0] * 0.7, size[1] * 0.86), size[0] * 0.1
    box = [centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius]
    draw.ellipse(box, outline=(196, 40, 44), width=max(2, dpi // 40))
    noise = np.random.default_rng(seed).normal(0, 3.5, (size[1], size[0], 1))
    grained = np.clip(np.asarray(page.filter(ImageFilter.GaussianBlur(dpi / 300)), float) + noise, 0, 255)
    return Image.fromarray(grained.astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """As a scanner stores it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, dpi=(DPI, DPI))
    return out.getvalue()


@cache
def paper_jpeg(seed: int, dpi: int = DPI) -> bytes:
    """``paper`` as JPEG."""
    return jpeg(paper(seed, dpi))


def jpeg_image(pdf: Pdf, data: bytes, **more: Any) -> pikepdf.Stream:
    """An image XObject around a JPEG."""
    with Image.open(io.BytesIO(data)) as image:
        width, height, mode = image.width, image.height, image.mode
    space = Name.DeviceGray if mode == "L" else Name.DeviceRGB
    stream = pdf.make_stream(data, {"/Filter": Name.DCTDecode, **{f"/{k}": v for k, v in more.items()}})
    for name, value in {
        "/Type": Name.XObject,
        "/Subtype": Name.Image,
        "/Width": width,
        "/Height": height,
        "/ColorSpace": space,
        "/BitsPerComponent": 8,
    }.items():
        stream[name] = value
    return stream


def raw_image(pdf: Pdf, image: Image.Image, **more: Any) -> pikepdf.Stream:
    """An image XObject of flate-packed samples; a 1-bit image becomes a stencil mask whose black is painted."""
    stream = pdf.make_stream(zlib.compress(image.tobytes()), {"/Filter": Name.FlateDecode})
    stream["/Type"], stream["/Subtype"] = Name.XObject, Name.Image
    stream["/Width"], stream["/Height"] = image.width, image.height
    if image.mode == "1":
        stream["/ImageMask"], stream["/BitsPerComponent"] = True, 1
    else:
        stream["/ColorSpace"] = Name.DeviceGray if image.mode == "L" else Name.DeviceRGB
        stream["/BitsPerComponent"] = 8
    for name, value in more.items():
        stream[f"/{name}"] = value
    return stream


def place(width: float, height: float, x: float = 0, y: float = 0, name: str = "Im0") -> str:
    """Operators that paint an image into a rectangle."""
    return f"q {width:.4f} 0 0 {height:.4f} {x:.4f} {y:.4f} cm /{name} Do Q"


def add_page(pdf: Pdf, content: str | bytes, **resources: Any) -> pikepdf.Page:
    """A page of A5 with content and resources."""
    pdf.add_blank_page(page_size=PAGE)
    page = pdf.pages[-1]
    page.obj["/Resources"] = Dictionary({f"/{kind}": value for kind, value in resources.items()})
    page.obj["/Contents"] = Array([pdf.make_stream(content.encode() if isinstance(content, str) else content)])
    return page


def add_scan(pdf: Pdf, seed: int) -> pikepdf.Page:
    """A plain scanned page."""
    image = jpeg_image(pdf, paper_jpeg(seed))
    return add_page(pdf, place(*PAGE), XObject=Dictionary(Im0=image), Font=Dictionary(F1=font()))


def font() -> Dictionary:
    """Helvetica, which needs no file."""
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def then(pdf: Pdf, page: pikepdf.Page, content: str) -> None:
    """Paint more over the page, in a content stream of its own as editors do."""
    page.obj["/Contents"].append(pdf.make_stream(content.encode()))


def resource(page: pikepdf.Page, kind: str, name: str, value: Any) -> None:
    """Give the page's content a name to use."""
    table = page.obj["/Resources"]
    if kind not in table:
        table[kind] = Dictionary()
    table[kind][f"/{name}"] = value


def form(pdf: Pdf, content: str, resources: Any = None, **more: Any) -> pikepdf.Stream:
    """A form XObject as large as the page."""
    stream = pdf.make_stream(content.encode())
    stream["/Type"], stream["/Subtype"] = Name.XObject, Name.Form
    stream["/BBox"] = Array([0, 0, *map(float, PAGE)])
    stream["/Resources"] = resources if resources is not None else Dictionary(Font=Dictionary(F1=font()))
    for name, value in more.items():
        stream[f"/{name}"] = value
    return stream


def saved(pdf: Pdf, **options: Any) -> bytes:
    """The file's bytes."""
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def stamp(size: int = 90) -> Image.Image:
    """A red ring on white."""
    image = Image.new("RGB", (size, size), "white")
    ImageDraw.Draw(image).ellipse([4, 4, size - 5, size - 5], outline=(200, 20, 20), width=5)
    return image


def ring_mask(size: int = 90) -> Image.Image:
    """Where the ring is, in grey."""
    image = Image.new("L", (size, size), 0)
    ImageDraw.Draw(image).ellipse([4, 4, size - 5, size - 5], outline=255, width=5)
    return image


def inline(image: Image.Image) -> list[Any]:
    """An inline image as an operation list, to be unparsed."""
    data = image.tobytes()
    colour = b"/RGB" if image.mode == "RGB" else b"/G"
    head = b"BI /W %d /H %d /BPC 8 /CS %s ID " % (image.width, image.height, colour)
    with Pdf.new() as pdf:
        return list(pikepdf.parse_content_stream(pdf.make_stream(head + data + b"\nEI")))


def unparsed(operations: list[Any]) -> bytes:
    """Content bytes of operations."""
    return pikepdf.unparse_content_stream(operations)
