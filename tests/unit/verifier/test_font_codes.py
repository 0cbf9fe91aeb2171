"""How many codes a font's tables name is counted before they are read: a few bytes may name billions."""

from __future__ import annotations

import io
import struct

import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from verifier.changes.alike.truetype import MAX_CODES, codes_mapped, is_one_font


def _cmap(*subtables: bytes) -> bytes:
    heads, body, at = b"", b"", 4 + 8 * len(subtables)
    for subtable in subtables:
        heads += struct.pack(">HHL", 3, 10, at + len(body))
        body += subtable
    return struct.pack(">HH", 0, len(subtables)) + heads + body


def _groups(*groups: tuple[int, int]) -> bytes:
    body = b"".join(struct.pack(">LLL", *group, 1) for group in groups)
    return struct.pack(">HHLLL", 12, 0, 16 + len(body), 0, len(groups)) + body


def _segments(*segments: tuple[int, int]) -> bytes:
    size = len(segments)
    ends, starts = ([one[side] for one in segments] for side in (1, 0))
    values = struct.pack(f">{size}HH{3 * size}H", *ends, 0, *starts, *[1] * size, *[0] * size)
    return struct.pack(">HHHHHHH", 4, 14 + len(values), 0, 2 * size, 0, 0, 0) + values


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (_cmap(_groups((0x20, 0x7E))), 95),
        (_cmap(_groups((0, 0xFFFFFFFF))), 1 << 32),
        (_cmap(_segments((0x20, 0x7E), (0xFFFF, 0xFFFF))), 96),
        (_cmap(_segments(*[(0, 0xFFFF)] * 1000)), 65_536_000),
        (_cmap(_groups((1, 2)), _segments((3, 5))), 5),
        (_cmap(struct.pack(">HHH", 0, 262, 0)), 256),
        (_cmap(struct.pack(">HHHHH", 6, 10, 0, 32, 7)), 7),
        (_cmap(struct.pack(">HHLLL", 12, 0, 16, 0, 1 << 31)), MAX_CODES + 1),
        (_cmap(struct.pack(">HHLLL", 13, 0, 16, 0, 1)), MAX_CODES + 1),
    ],
)
def test_codes_are_counted(table: bytes, codes: int) -> None:
    assert codes_mapped(table) == codes


def test_a_table_that_is_cut_off_is_none() -> None:
    with pytest.raises(struct.error):
        codes_mapped(_cmap(_groups((1, 2)))[:14])


def _font(pdf: pikepdf.Pdf, table: bytes) -> pikepdf.Object:
    """A simple font whose program has this table of codes."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "ink"])
    builder.setupCharacterMap({0x41: "ink"})
    builder.setupGlyf({name: TTGlyphPen(None).glyph() for name in (".notdef", "ink")})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "ink"), (600, 0)))
    builder.setupHorizontalHeader()
    builder.setupPost()
    raw = DefaultTable("cmap")
    raw.data = table
    builder.font["cmap"] = raw
    out = io.BytesIO()
    builder.save(out)
    descriptor = pikepdf.Dictionary(FontFile2=pdf.make_stream(out.getvalue()), Flags=4)
    return pdf.make_indirect(pikepdf.Dictionary(Subtype=pikepdf.Name.TrueType, FontDescriptor=descriptor))


@pytest.mark.parametrize(("codes", "alike"), [((0xF020, 0xF07E), True), ((0, 0xFFFFFFFF), False)])
def test_a_font_of_billions_of_codes_is_not_read(codes: tuple[int, int], alike: bool) -> None:
    """One that is not read is not drawn alike; else a hundred bytes would take all memory."""
    own = _cmap(_segments(codes, (0xFFFF, 0xFFFF))) if alike else _cmap(_groups(codes))
    own = own.replace(struct.pack(">HH", 3, 10), struct.pack(">HH", 3, 0), 1)
    with pikepdf.new() as pdf, pikepdf.explicit_conversion():
        assert is_one_font(_font(pdf, own)) is alike
