"""Fonts in the file whose glyphs viewers look up unlike: one shows a black box for a code, another one a blank."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from tests.fuzz.hostile_drawings import Drawing

GLYPHS = (".notdef", "ink", "blank", "nine", "zero")
"""Of which ``ink`` and what is called ``zero`` can be seen."""
SEEN = frozenset({"ink", "zero"})
_SIDES = ((50, 0), (50, 700), (550, 700), (550, 0))
_ASCII = range(0x20, 0x7F)
_Tables = Mapping[tuple[int, int], Mapping[int, str]]
"""Code to glyph, by platform and encoding."""


def _all(glyph: str, offset: int = 0) -> dict[int, str]:
    return {offset + code: glyph for code in _ASCII}


TABLES: dict[str, _Tables] = {
    "ink by Unicode, blank by Mac": {(1, 0): _all("blank"), (3, 1): _all("ink")},
    "blank by Unicode, ink by Mac": {(1, 0): _all("ink"), (3, 1): _all("blank")},
    "ink by its own codes, blank by Mac": {(1, 0): _all("blank"), (3, 0): _all("ink", 0xF000)},
    "blank by its own codes, ink by Mac": {(1, 0): _all("ink"), (3, 0): _all("blank", 0xF000)},
    "ink by high codes, blank by low": {(3, 0): {**_all("ink", 0xF000), **_all("blank")}},
    "blank by its own codes, ink by Unicode": {(3, 0): _all("blank", 0xF000), (3, 1): _all("ink")},
    "ink by Mac alone": {(1, 0): _all("ink")},
    "ink by its own codes alone": {(3, 0): _all("ink", 0xF000)},
    "ink by Unicode alone": {(3, 1): _all("ink")},
    "ink by all": {(1, 0): _all("ink"), (3, 0): _all("ink", 0xF000), (3, 1): _all("ink")},
    "ink by both": {(1, 0): _all("ink"), (3, 1): _all("ink")},
    "ink by the other Unicode": {(0, 3): _all("ink"), (3, 1): _all("blank")},
    "ink by the other Unicode alone": {(0, 3): _all("ink")},
    "ink by the large Unicode alone": {(3, 10): _all("ink")},
    "ink by names": {(3, 1): {**_all("blank"), 0x39: "nine", 0x30: "blank"}},
}
FLAGS = (4, 32, 36)
ENCODINGS = {
    "no encoding": b"",
    "WinAnsi": b"/Encoding /WinAnsiEncoding ",
    "Mac": b"/Encoding /MacRomanEncoding ",
    "differences": b"/Encoding << /Differences [57 /nine 48 /zero] >> ",
    "differences over WinAnsi": b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [48 /zero] >> ",
    "names of its own": b"/Encoding << /BaseEncoding /WinAnsiEncoding /Differences [57 /ink 48 /ink] >> ",
}
_DESCRIPTOR = (
    b"/FontDescriptor << /Type /FontDescriptor /FontName /ABCDEF+Khac /Flags %d /FontBBox [0 0 600 700] /Ascent 800"
    b" /Descent -200 /CapHeight 700 /StemV 80 /ItalicAngle 0 /%s @T >> "
)
_SHOWN = (b"<0001000100010001>", b"<0002000200020002>", b"<0009000900090009>", b"<0039003000300030>")
_WIDTHS = b"/FirstChar 32 /LastChar 126 /Widths [" + b"600 " * len(_ASCII) + b"] "


@functools.cache
def font_drawings() -> dict[str, Drawing]:
    """Each font with its way of being named, drawing four digits."""
    return {name: _drawing(entries, font, shown) for name, entries, font, shown in (*_simple(), *_composite())}


def _drawing(entries: bytes, font: tuple[bytes, bytes], shown: bytes) -> Drawing:
    inside = b"/Font << /F2 << /Type /Font /BaseFont /ABCDEF+Khac " + entries + b" >> >>"
    objects: dict[bytes, bytes | tuple[bytes, bytes]] = {b"T": font, b"M": (b"", bytes([0, 2, 0, 1, 0, 1]))}
    return Drawing(b"BT /F2 16 Tf 4 10 Td " + shown + b" Tj ET", inside, objects)


def _simple() -> Iterator[tuple[str, bytes, tuple[bytes, bytes], bytes]]:
    for kind, tables in TABLES.items():
        font = _truetype(tables)
        for flags in FLAGS:
            for way, encoding in ENCODINGS.items():
                entries = b"/Subtype /TrueType " + encoding + _WIDTHS + _DESCRIPTOR % (flags, b"FontFile2")
                yield f"{kind}, flags {flags}, {way}", entries, (b"/Length1 %d" % len(font), font), b"(9000)"
    bare = _compact()
    for way, encoding in ENCODINGS.items():
        entries = b"/Subtype /Type1 " + encoding + _WIDTHS + _DESCRIPTOR % (4, b"FontFile3")
        yield f"compact glyphs, {way}", entries, (b"/Subtype /Type1C", bare), b"(9000)"


def _composite() -> Iterator[tuple[str, bytes, tuple[bytes, bytes], bytes]]:
    font, bare = _truetype({(3, 1): _all("blank")}), _compact()
    true, compact = (b"/Length1 %d" % len(font), font), (b"/Subtype /CIDFontType0C", bare)
    for encoding in (b"/Identity-H", b"/Identity-V", b"/UniJIS-UCS2-H", b"/UniGB-UTF16-H"):
        for way, glyphs in {
            "no map": b"",
            "as they are": b"/CIDToGIDMap /Identity ",
            "a map": b"/CIDToGIDMap @M ",
        }.items():
            below = _below(b"/CIDFontType2", glyphs + _DESCRIPTOR % (4, b"FontFile2"))
            for shown in _SHOWN:
                name = f"numbers of glyphs, {encoding.decode()}, {way}, {shown.decode()}"
                yield name, _above(encoding, below), true, shown
    below = _below(b"/CIDFontType0", _DESCRIPTOR % (4, b"FontFile3"))
    for shown in (b"<0001000100010001>", b"<0002000200020002>"):
        yield f"compact glyphs by number, {shown.decode()}", _above(b"/Identity-H", below), compact, shown


def _above(encoding: bytes, below: bytes) -> bytes:
    return b"/Subtype /Type0 /Encoding " + encoding + b" /DescendantFonts [" + below + b"] "


def _below(subtype: bytes, more: bytes) -> bytes:
    system = b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 600 "
    return b"<< /Type /Font /Subtype " + subtype + b" /BaseFont /ABCDEF+Khac " + system + more + b">>"


def _truetype(tables: _Tables) -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(list(GLYPHS))
    builder.setupCharacterMap({0x41: "ink"})
    glyphs = {}
    for name in GLYPHS:
        pen = TTGlyphPen(None)
        if name in SEEN:
            _box(pen)
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    made = []
    for (platform, encoding), codes in tables.items():
        table = CmapSubtable.newSubtable(0 if platform == 1 else 4)
        table.platformID, table.platEncID, table.language, table.cmap = platform, encoding, 0, dict(codes)
        made.append(table)
    builder.font["cmap"].tables = made
    return _finished(builder).getvalue()


def _compact() -> bytes:
    """The bare glyphs of the compact form; glyph 1 can be seen, 2 not, whatever they are called."""
    builder = FontBuilder(1000, isTTF=False)
    builder.setupGlyphOrder(list(GLYPHS))
    builder.setupCharacterMap({0x41: "ink"})
    drawn = {}
    for name in GLYPHS:
        pen = T2CharStringPen(600, None)
        if name in SEEN:
            _box(pen)
        drawn[name] = pen.getCharString()
    builder.setupCFF("Khac", {"FullName": "Khac"}, drawn, {})
    whole = TTFont(_finished(builder))
    return bytes(whole.getTableData("CFF "))


def _box(pen: TTGlyphPen | T2CharStringPen) -> None:
    pen.moveTo(_SIDES[0])
    for side in _SIDES[1:]:
        pen.lineTo(side)
    pen.closePath()


def _finished(builder: FontBuilder) -> io.BytesIO:
    builder.setupHorizontalMetrics(dict.fromkeys(GLYPHS, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Khac", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    out.seek(0)
    return out
