"""How a line of the letter is set, measured from its own characters: size of the type, base line, slant."""

from __future__ import annotations

import ctypes
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium_c

from signer.geometry import PageGeometry, Rect
from signer.page_text import MAX_LETTERS

CAP_SHARE = 0.676
"""Of a size of Times that its capitals and digits are high."""
TOLD_WRONG = 0.04
"""Share by which a told size may differ from that of capitals in Times: beside another face digits are as high as its
capitals, and a font's own units are anything.
"""
SLANT = 0.1
"""Tangent from which a sheared line is slanted: programs without an italic font shear by a third or a fifth."""
ITALIC_FLAG = 1 << 6
"""ISO 32000-2 table 121."""
SLANTED_NAMES = ("italic", "oblique")
MAX_NAME_BYTES = 256


@dataclass(frozen=True)
class Setting:
    """Type size in points, base line (displayed, from below), and whether the line is slanted."""

    size: float
    base: float
    italic: bool


def setting_of(
    page: pypdfium2.PdfPage, geometry: PageGeometry, words: Sequence[Rect], cap_height: float, *, italic: bool
) -> Setting:
    """Measure the characters that stand in these displayed boxes.

    ``italic`` is what NĐ 30/2020 asks of such a line, for text that does not say how it is set; so is the size of its
    capitals, ``cap_height``.
    """
    text_page = page.get_textpage()
    try:
        measured = list(_measured(text_page, geometry, words))
    finally:
        text_page.close()
    by_capitals = cap_height / CAP_SHARE
    if not measured:
        return Setting(by_capitals, min(box.y0 for box in words), italic)
    size = statistics.median(one.size for one in measured)
    if not abs(size / by_capitals - 1) <= TOLD_WRONG:
        size = by_capitals
    slanted = sum(one.italic for one in measured) > len(measured) / 2
    return Setting(size, statistics.median(one.base for one in measured), slanted)


def _measured(text_page: pypdfium2.PdfTextPage, geometry: PageGeometry, words: Sequence[Rect]) -> list[Setting]:
    displayed, found = geometry.displaying(), []
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    for index in range(min(pdfium_c.FPDFText_CountChars(text_page), MAX_LETTERS)):
        if not pdfium_c.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
            continue
        middle = displayed((left.value + right.value) / 2, (bottom.value + top.value) / 2)
        if any(box.x0 < middle[0] < box.x1 and box.y0 < middle[1] < box.y1 for box in words):
            pdfium_c.FPDFText_GetCharOrigin(text_page, index, x, y)
            base = displayed(x.value, y.value)[1]
            matrix = pdfium_c.FS_MATRIX()
            known = pdfium_c.FPDFText_GetMatrix(text_page, index, matrix)
            size = pdfium_c.FPDFText_GetFontSize(text_page, index) * geometry.user_unit
            if known:
                size *= math.hypot(matrix.c, matrix.d)
            found.append(Setting(size, base, _has_italic_font(text_page, index) or _is_sheared(matrix)))
    return found


def _has_italic_font(text_page: pypdfium2.PdfTextPage, index: int) -> bool:
    flags, name = ctypes.c_int(), ctypes.create_string_buffer(MAX_NAME_BYTES)
    length = pdfium_c.FPDFText_GetFontInfo(text_page, index, name, MAX_NAME_BYTES, flags)
    told = name.value.decode("utf-8", "replace").lower() if length <= MAX_NAME_BYTES else ""
    return bool(flags.value & ITALIC_FLAG) or any(word in told for word in SLANTED_NAMES)


def _is_sheared(matrix: pdfium_c.FS_MATRIX) -> bool:
    """Whether up is not square to right."""
    right, up = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    if not right or not up:
        return False
    return bool((matrix.a * matrix.c + matrix.b * matrix.d) / (right * up) > SLANT)
