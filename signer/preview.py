"""What the sealed page will look like, before anything is signed: the same layout and drawing, no key, no code used up.

Runs in the limited worker process (see ``signer.update``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from signer.fields import prepare_signature
from signer.fonts import FontFiles
from signer.geometry import MM
from signer.layout import SealWish, lay_out
from signer.profile import Method, PlacementProfile
from signer.request import ResultMark, Role, SealWording
from signer.update import guarded
from verifier.drawing.rendering import ROUNDING, RenderedDocument, to_png

WIDTH_PX = (200, 2400)
"""Narrowest and widest picture."""

MAX_PIXELS = 12_000_000
ROOM_BYTES = 64
BAND_SHARE = 0.022
BAND_COLOUR = (164, 92, 0)
"""A band over the head of the picture says that it is a preview: it is no paper that anybody could hand out."""

MmBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class PreviewedSeal:
    """One seal of the preview: in which role, on which page (from 1), its box in mm from the page's lower left."""

    role: Role
    page: int
    box_mm: MmBox


@dataclass(frozen=True)
class SealPreview:
    """The page that carries the seals as PNG, and where everything is; ``page`` counts from 1."""

    png: bytes
    page: int
    pages: int
    size_mm: tuple[float, float]
    method: Method | None
    seals: tuple[PreviewedSeal, ...]


def preview_seals(
    document: bytes,
    wishes: tuple[SealWish, ...],
    mark: ResultMark | None,
    wording: SealWording,
    fonts: FontFiles,
    profile: PlacementProfile,
    width_px: int,
    band: str,
) -> SealPreview:
    """Lay the document out for these seals and draw the page that carries them; ``band`` says what it is.

    Raises:
        SealRefused: as ``lay_out``: the reason why the document cannot be sealed so.
    """
    layout = lay_out(document, wishes, mark, wording, fonts, profile)
    data, known = layout.data, layout.fonts
    for plan in layout.fields:
        prepared = prepare_signature(data, plan, ROOM_BYTES, fonts, known)
        data, known = prepared.fill(b"\x30\x00"), prepared.fonts
    page = layout.fields[0].page
    png, pages, size = guarded(partial(_picture, data, page, width_px, band, fonts))
    seals = tuple(
        PreviewedSeal(plan.drawing.role, plan.page + 1, _mm(plan.box.x0, plan.box.y0, plan.box.x1, plan.box.y1))
        for plan in layout.fields
    )
    return SealPreview(png, page + 1, pages, size, layout.method, seals)


def _picture(
    data: bytes, page: int, width_px: int, band: str, fonts: FontFiles
) -> tuple[bytes, int, tuple[float, float]]:
    with RenderedDocument(data) as rendered:
        width, height = rendered.page_size(page)
        wanted = min(max(width_px, WIDTH_PX[0]), WIDTH_PX[1])
        scale = min((wanted - ROUNDING) / max(width, 1.0), (MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        picture = Image.fromarray(rendered.picture(page, scale))
        pages = rendered.page_count
    height_px = max(14, int(picture.width * BAND_SHARE))
    whole = Image.new("RGB", (picture.width, picture.height + height_px), BAND_COLOUR)
    whole.paste(picture, (0, height_px))
    font = ImageFont.truetype(str(fonts.bold), int(height_px * 0.72))
    ImageDraw.Draw(whole).text((whole.width / 2, height_px / 2), band, font=font, fill="white", anchor="mm")
    return to_png(np.asarray(whole)), pages, (round(width / MM, 1), round(height / MM, 1))


def _mm(*values: float) -> MmBox:
    x0, y0, x1, y1 = (round(value / MM, 1) for value in values)
    return x0, y0, x1, y1
