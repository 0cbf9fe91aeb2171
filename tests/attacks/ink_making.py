"""Letters, forms and tables, and what later signatures draw on them: pages laid by PDFium, pictures as appearances.

What a later signature draws is made as a sheet in the page's own coordinates, of which its field shows a part. A case
is compared as the verifier does it, without the cryptography around it; some are signed as well (``test_ink.py``).
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from demo.documents import font_path
from verifier.changes.vocabulary import Place
from verifier.drawing.pictures import Pictures, PictureVerdict, compare_pictures
from verifier.drawing.placed.page import Letter
from verifier.drawing.rendering import RenderedDocument
from verifier.report import (
    Indication,
    Integrity,
    PathOutcome,
    SignatureFacts,
    SignatureKind,
    SignatureVerdict,
    Signer,
    SubIndication,
)

A4 = (595.0, 842.0)
FONTS = {
    "regular": "Tinos-Regular.ttf",
    "bold": "Tinos-Bold.ttf",
    "italic": "Tinos-Italic.ttf",
    "sans": "Arimo-Regular.ttf",
    "sans-italic": "Arimo-Italic.ttf",
}
REF = (900, 0)
_NOW = datetime(2026, 5, 4, tzinfo=UTC)
Rect = tuple[float, float, float, float]


@dataclass(frozen=True)
class Text:
    """A text whose first letter stands at x, y (points, origin bottom left)."""

    x: float
    y: float
    text: str
    size: float = 13.0
    font: str = "regular"
    colour: tuple[int, int, int] = (0, 0, 0)

    @property
    def width(self) -> float:
        """How far it goes to the right, in points."""
        return text_width(self.text, self.size, self.font)


@dataclass(frozen=True)
class Drawn:
    """PDF operators, in page coordinates; ``below`` the text or over it."""

    operators: str
    below: bool = True


@dataclass(frozen=True)
class Pixels:
    """A picture with transparency in this rectangle."""

    image: Image.Image
    rect: Rect


Item = Text | Drawn | Pixels


def text_width(text: str, size: float, font: str = "regular") -> float:
    """The advance of a text in points."""
    advances, units, cmap = _metrics(font)
    return sum(advances[cmap[ord(letter)]][0] for letter in text) * size / units


def sheet(items: Sequence[Item], size: tuple[float, float] = A4, shift: tuple[float, float] = (0, 0)) -> bytes:
    """One page with these on it, moved by ``-shift``."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(*size)
    fonts: dict[str, ctypes.c_void_p] = {}
    for item in items:
        if isinstance(item, Text):
            if item.font not in fonts:
                data = _font(item.font)
                buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
                fonts[item.font] = raw.FPDFText_LoadFont(document, buffer, len(data), raw.FPDF_FONT_TRUETYPE, True)
            drawn = raw.FPDFPageObj_CreateTextObj(document, fonts[item.font], item.size)
            units = (item.text + "\0").encode("utf-16-le")
            letters = ctypes.cast(ctypes.create_string_buffer(units, len(units)), ctypes.POINTER(ctypes.c_ushort))
            assert raw.FPDFText_SetText(drawn, letters)
            raw.FPDFPageObj_SetFillColor(drawn, *item.colour, 255)
            raw.FPDFPageObj_Transform(drawn, 1, 0, 0, 1, item.x - shift[0], item.y - shift[1])
            raw.FPDFPage_InsertObject(page, drawn)
    raw.FPDFPage_GenerateContent(page)
    out = io.BytesIO()
    document.save(out)
    document.close()
    with pikepdf.open(io.BytesIO(out.getvalue())) as pdf:
        _add_drawings(pdf, items, shift)
        saved = io.BytesIO()
        pdf.save(saved, static_id=True)
    return saved.getvalue()


def _add_drawings(pdf: pikepdf.Pdf, items: Sequence[Item], shift: tuple[float, float]) -> None:
    page = pdf.pages[0]
    move = f"1 0 0 1 {-shift[0]} {-shift[1]} cm"
    for item in items:
        if isinstance(item, Drawn):
            stream = f"q {move} {item.operators} Q".encode()
            page.contents_add(stream, prepend=item.below)
        elif isinstance(item, Pixels):
            name = page.add_resource(_image(pdf, item.image), pikepdf.Name.XObject)
            left, bottom, right, top = item.rect
            place = f"q {move} {right - left} 0 0 {top - bottom} {left} {bottom} cm {name} Do Q"
            page.contents_add(place.encode(), prepend=False)


def _image(pdf: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    pixels = np.asarray(image.convert("RGBA"))
    mask = pdf.make_stream(pixels[:, :, 3].tobytes())
    drawn = pdf.make_stream(pixels[:, :, :3].tobytes())
    for stream, space in ((mask, pikepdf.Name.DeviceGray), (drawn, pikepdf.Name.DeviceRGB)):
        stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        stream.Width, stream.Height = image.width, image.height
        stream.ColorSpace, stream.BitsPerComponent = space, 8
    drawn.SMask = mask
    return drawn


def with_picture(base: bytes, rect: Rect, items: Sequence[Item], kind: str = "Sig", name: str = "Later") -> bytes:
    """The page with a field in this rectangle that shows these."""
    left, bottom, right, top = rect
    drawn = sheet(items, (right - left, top - bottom), (left, bottom))
    with pikepdf.open(io.BytesIO(base)) as pdf, pikepdf.open(io.BytesIO(drawn)) as other:
        page = pdf.pages[0]
        appearance = pdf.copy_foreign(other.pages[0].as_form_xobject())
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name(f"/{kind}"),
                T=name,
                F=4,
                Rect=pikepdf.Array([left, bottom, right, top]),
                P=page.obj,
                AP=pikepdf.Dictionary(N=appearance),
            )
        )
        _add_field(pdf, field)
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


def _add_field(pdf: pikepdf.Pdf, field: pikepdf.Object) -> None:
    page = pdf.pages[0].obj
    if "/Annots" not in page:
        page.Annots = pikepdf.Array()
    page.Annots = pikepdf.Array([one for one in page.Annots if one.T != field.T] + [field])
    if "/AcroForm" not in pdf.Root:
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3))
    pdf.Root.AcroForm.Fields = pikepdf.Array([*page.Annots])


def edited(base: bytes, **entries: object) -> bytes:
    """The document with entries set on its page (``Rotate``, ``CropBox``, ``UserUnit``)."""
    with pikepdf.open(io.BytesIO(base)) as pdf:
        for name, value in entries.items():
            pdf.pages[0].obj[f"/{name}"] = pikepdf.Array(value) if isinstance(value, list) else value
        out = io.BytesIO()
        pdf.save(out, static_id=True)
    return out.getvalue()


def scanned(base: bytes, noise: int = 6, paper: int = 247, dpi: int = 200) -> bytes:
    """The page as a scan: a JPEG with noise and a grey ground."""
    with RenderedDocument(base) as document:
        size = document.page_size(0)
        pixels = document.picture(0, dpi / 72).astype(np.int32)
    rng = np.random.default_rng(7)
    noisy = np.clip(pixels * paper // 255 + rng.integers(-noise, noise + 1, pixels.shape), 0, 255).astype(np.uint8)
    jpeg = io.BytesIO()
    Image.fromarray(noisy).save(jpeg, "JPEG", quality=70)
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=size)
    image = pdf.make_stream(jpeg.getvalue())
    image.Type, image.Subtype, image.Filter = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DCTDecode
    image.Width, image.Height = noisy.shape[1], noisy.shape[0]
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    page.Contents = pdf.make_stream(f"q {size[0]} 0 0 {size[1]} 0 0 cm /Im Do Q".encode())
    out = io.BytesIO()
    pdf.save(out, static_id=True)
    return out.getvalue()


def seal(diameter: int = 300, words: bool = True, colour: tuple[int, int, int] = (214, 20, 30)) -> Image.Image:
    """An agency's round seal, transparent: two rings, a star, marks around."""
    big = diameter * 3
    image = Image.new("RGBA", (big, big), (*colour, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((8, 8, big - 8, big - 8), outline=(*colour, 255), width=big // 45)
    pen.ellipse((big // 4, big // 4, 3 * big // 4, 3 * big // 4), outline=(*colour, 255), width=big // 80)
    middle, reach = big / 2, big / 8
    star = [
        (
            middle + reach * (1 if n % 2 == 0 else 0.4) * float(np.sin(np.pi * n / 5)),
            middle - reach * (1 if n % 2 == 0 else 0.4) * float(np.cos(np.pi * n / 5)),
        )
        for n in range(10)
    ]
    pen.polygon(star, fill=(*colour, 255))
    if words:
        for n in range(24):
            angle = 2 * np.pi * n / 24
            x, y = middle + 0.37 * big * float(np.cos(angle)), middle + 0.37 * big * float(np.sin(angle))
            pen.rectangle((x - big / 60, y - big / 40, x + big / 60, y + big / 40), outline=(*colour, 255), width=6)
    return image.resize((diameter, diameter), Image.Resampling.LANCZOS)


def handwriting(seed: int = 1, colour: tuple[int, int, int] = (20, 40, 160)) -> Image.Image:
    """A signature by hand, transparent: one long stroke."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGBA", (900, 400), (*colour, 0))
    pen = ImageDraw.Draw(image)
    steps = np.linspace(0, 1, 300)
    across = 60 + 780 * steps
    down = (
        200 + 110 * np.sin(steps * (14 + 3 * seed)) * (1 - 0.4 * steps) + 40 * np.sin(steps * 40 + float(rng.random()))
    )
    pen.line(
        [(float(x), float(y)) for x, y in zip(across, down, strict=True)], fill=(*colour, 255), width=11, joint="curve"
    )
    return image.resize((450, 200), Image.Resampling.LANCZOS)


def signer(name: str, organization: str | None = None, mst: str | None = None, cccd: str | None = None) -> Signer:
    """Whom a certificate names."""
    return Signer(name, organization, cccd, mst, None, "CA DEMO", "0" * 64, "1", _NOW, _NOW.replace(year=2030))


def verdict(who: Signer, trusted: bool = True, intact: bool = True) -> SignatureVerdict:
    """A later signature's verdict."""
    facts = SignatureFacts(
        SignatureKind.SIGNATURE,
        "Later",
        _NOW,
        integrity=Integrity.INTACT if intact else Integrity.BROKEN,
        path=PathOutcome.TRUSTED if trusted else PathOutcome.NO_CHAIN,
        signer=who,
    )
    if trusted and intact:
        return SignatureVerdict(facts, Indication.TOTAL_PASSED, None, ())
    return SignatureVerdict(facts, Indication.INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND, ())


@dataclass(frozen=True)
class Case:
    """A signed page, and what a later signature draws where."""

    name: str
    base: bytes
    rect: Rect
    items: tuple[Item, ...]
    who: SignatureVerdict | None = None
    earlier: tuple[Signer, ...] = ()
    field: str = "Later"
    kind: str = "Sig"

    @property
    def viewed(self) -> bytes:
        """The file as it is seen."""
        return with_picture(self.base, self.rect, self.items, self.kind, self.field)

    def judge(self) -> PictureVerdict:
        """As the verifier compares it."""
        viewed = Pictures(RenderedDocument(self.viewed))
        try:
            with RenderedDocument(self.base) as signed:
                place = Place(0, self.rect, None if self.kind != "Sig" else REF)
                later = {} if self.who is None else {REF: self.who}
                return compare_pictures(signed, viewed, [0], [place], Letter(later, self.earlier))
        finally:
            viewed.close()

    def named(self, addition: str) -> Case:
        """The same with a longer name."""
        return replace(self, name=f"{self.name} · {addition}")


@cache
def _metrics(font: str) -> tuple[dict[str, tuple[int, int]], int, dict[int, str]]:
    opened = TTFont(io.BytesIO(_font(font)))
    return dict(opened["hmtx"].metrics), opened["head"].unitsPerEm, opened.getBestCmap()


@cache
def _font(font: str) -> bytes:
    """The font with the letters of Vietnamese only: it is embedded in every sheet."""
    opened = TTFont(font_path(FONTS[font]))
    letters = {*range(0x20, 0x7F), *range(0xC0, 0x250), *range(0x1EA0, 0x1EFA), 0xB4, 0x2026}
    maker = subset.Subsetter(subset.Options(layout_features=[], notdef_outline=True))
    maker.populate(unicodes=letters)
    maker.subset(opened)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()
