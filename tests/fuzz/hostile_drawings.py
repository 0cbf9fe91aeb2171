"""What somebody with a key may draw in the field of his own signature so that viewers show different things there.

The field is his; what it shows is judged as PDFium draws it. A digit that PDFium leaves blank and another program shows
beside signed text would be seen by nobody here. Each drawing is one trick of ISO 32000-2 §8 to §11: dashes, clipping,
blend modes, masks, separations, profiles, patterns, fonts, odd spaces and boxes. Left out: a font that is not in the
file and that nobody has (other shapes of the same letters), and a field that its flags keep from paper (§12.5.3).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fuzz.hostile_objects import added, body_of, changed, new_signature_fields, resources
from tests.fuzz.pdf_syntax import Body, Ref, Value, numbers, parsed
from tests.fuzz.updates import Base, Update

_Made = bytes | tuple[bytes, bytes]
SIDES = (60, 36)
WORDS = b"BT /F1 16 Tf 4 10 Td (9000) Tj ET"


@dataclass(frozen=True)
class Drawing:
    """A content, the resources beside the font F1, entries of the form and of the widget."""

    content: bytes
    resources: bytes = b""
    """Text of a dictionary's inside; ``@name`` stands for one of ``objects``."""
    objects: Mapping[bytes, _Made] = field(default_factory=dict)
    """Objects by name: text of a value, or a dictionary's inside and the bytes of its stream."""
    form: bytes = b""
    widget: bytes = b""


def _state(entries: bytes, content: bytes = WORDS, **more: bytes) -> Drawing:
    return Drawing(b"/G gs " + content, b"/ExtGState << /G << " + entries + b" >> >>", _objects(more))


def _objects(more: Mapping[str, _Made]) -> dict[bytes, _Made]:
    return {name.encode(): value for name, value in more.items()}


def _space(space: bytes, colour: bytes, **objects: bytes | tuple[bytes, bytes]) -> Drawing:
    content = b"/C cs " + colour + b" scn 4 4 50 10 re f " + WORDS
    return Drawing(content, b"/ColorSpace << /C " + space + b" >>", _objects(objects))


def _font(entries: bytes, shown: bytes = b"(9000)", **objects: bytes | tuple[bytes, bytes]) -> Drawing:
    content = b"BT /F2 16 Tf 4 10 Td " + shown + b" Tj ET"
    return Drawing(content, b"/Font << /F1 @F1 /F2 << /Type /Font " + entries + b" >> >>", _objects(objects))


def _pattern(entries: bytes, cell: bytes | None = b"0 0 3 3 re f", content: bytes = b"4 4 50 28 re f") -> Drawing:
    objects: dict[bytes, _Made] = {b"P": entries if cell is None else (entries, cell)}
    return Drawing(b"/Pattern cs /P scn " + content, b"/Pattern << /P @P >>", objects)


def _image(
    entries: bytes, data: bytes, content: bytes = b"q 50 0 0 28 4 4 cm /I Do Q", **objects: tuple[bytes, bytes]
) -> Drawing:
    named = {b"I": (b"/Type /XObject /Subtype /Image " + entries, data)}
    return Drawing(content, b"/XObject << /I @I >>", {**named, **{key.encode(): one for key, one in objects.items()}})


_IDENTITY = b"<< /FunctionType 2 /Domain [0 1] /N 1 /C0 [%s] /C1 [%s] >>"
_HELVETICA = b"/Subtype /Type1 /BaseFont /Helvetica "
_GLYPHS = b"/Subtype /Type3 /FontBBox [0 0 1000 1000] /FirstChar 57 /LastChar 57 /Encoding << /Differences [57 /n] >> "
_AXIAL = b"<< /ShadingType 2 /ColorSpace /DeviceGray /Coords [%s] /Function " + _IDENTITY % (b"0", b"0.2") + b" %s >>"

DRAWINGS: dict[str, Drawing] = {
    "dots of dashes without length": Drawing(b"1 J 4 w [0 7] 0 d 4 18 m 56 18 l S"),
    "dashes longer than the line": Drawing(b"4 w [1 900] 2 d 4 18 m 56 18 l S"),
    "a phase beyond all dashes": Drawing(b"4 w [6 6] 999999 d 4 18 m 56 18 l S"),
    "a negative phase": Drawing(b"4 w [9 900] -5 d 4 18 m 56 18 l S"),
    "butt dashes without length": Drawing(b"0 J 6 w [0 5] 0 d 4 18 m 56 18 l S"),
    "a line without length, round": Drawing(b"1 J 20 w 30 18 m 30 18 l S"),
    "a line without length, square": Drawing(b"2 J 20 w 30 18 m 30 18 l S"),
    "a line without length, butt": Drawing(b"0 J 20 w 30 18 m 30 18 l S"),
    "a point closed": Drawing(b"1 J 20 w 30 18 m 30 18 l h S"),
    "a curve in one point": Drawing(b"1 J 20 w 30 18 m 30 18 30 18 30 18 c S"),
    "a rectangle without width, stroked": Drawing(b"8 w 30 4 0 26 re S"),
    "a rectangle without sides, stroked": Drawing(b"1 j 1 J 20 w 30 18 0 0 re S"),
    "a line filled": Drawing(b"4 18 m 56 18 l f"),
    "a line of two points closed and filled": Drawing(b"4 18 m 56 18 l h f"),
    "a thin line of no width": Drawing(b"0 w 4 18 m 56 18 l S"),
    "mitres without limit": Drawing(b"3 w 500 M 4 18 m 56 18.5 l 4 19 l S"),
    "mitres of zero": Drawing(b"6 w 0 M 4 4 m 30 30 l 56 4 l S"),
    "clipped by nothing": Drawing(b"q 0 0 0 0 re W n " + WORDS + b" Q"),
    "clipped by a line": Drawing(b"q 4 18 m 56 18 l W n " + WORDS + b" Q"),
    "clipped without a path": Drawing(b"q W n " + WORDS + b" Q"),
    "clipped twice apart": Drawing(b"q 0 0 10 36 re W n 20 0 10 36 re W n 0 0 60 36 re f Q"),
    "clipped by letters": Drawing(b"q BT /F1 30 Tf 7 Tr 2 6 Td (909) Tj ET 0 0 60 36 re f Q"),
    "clipped by blanks": Drawing(b"q BT /F1 30 Tf 7 Tr 2 6 Td (   ) Tj ET 0 0 60 36 re f Q"),
    "clipped by letters over text objects": Drawing(
        b"q BT /F1 30 Tf 7 Tr 2 6 Td (9) Tj ET BT 30 6 Td (0) Tj ET 0 0 60 36 re f Q"
    ),
    "even and odd": Drawing(b"0 0 60 36 re 4 4 50 28 re 10 10 30 10 re f*"),
    "wound against": Drawing(b"4 4 m 56 4 l 56 30 l 4 30 l h 10 10 m 10 24 l 50 24 l 50 10 l h f"),
    "white by difference": _state(b"/BM /Difference", b"1 g 4 4 50 28 re f"),
    "white by exclusion": _state(b"/BM /Exclusion", b"1 g 4 4 50 28 re f"),
    "black by screen": _state(b"/BM /Screen", b"0 g 4 4 50 28 re f"),
    "black by colour": _state(b"/BM /Color", b"0 g 4 4 50 28 re f"),
    "black by luminosity": _state(b"/BM /Luminosity", b"0 g 4 4 50 28 re f"),
    "black by hue": _state(b"/BM /Hue", b"0 g 4 4 50 28 re f"),
    "red by saturation": _state(b"/BM /Saturation", b"1 0 0 rg 4 4 50 28 re f"),
    "black by dodging": _state(b"/BM /ColorDodge", b"0 g 4 4 50 28 re f"),
    "grey by burning": _state(b"/BM /ColorBurn", b"0.5 g 4 4 50 28 re f"),
    "black by lightening": _state(b"/BM /Lighten", b"0 g 4 4 50 28 re f"),
    "black by soft light": _state(b"/BM /SoftLight", b"0 g 4 4 50 28 re f"),
    "black by overlay": _state(b"/BM /Overlay", b"0 g 4 4 50 28 re f"),
    "white by difference in a group": Drawing(
        b"/G gs 1 g 4 4 50 28 re f", b"/ExtGState << /G << /BM /Difference >> >>",
        form=b"/Group << /S /Transparency /I true >>",
    ),
    "black by screen in a knock-out": Drawing(
        b"0 g 4 4 50 28 re f /G gs 0 g 4 4 50 28 re f", b"/ExtGState << /G << /BM /Screen /ca 0.5 >> >>",
        form=b"/Group << /S /Transparency /K true /I true >>",
    ),
    "overprinted white": _state(b"/OP true /op true /OPM 1", b"0 0 0 1 k 4 4 50 28 re f 0 0 0 0 k 10 8 30 10 re f"),
    "overprinted grey": _state(b"/OP true /op true /OPM 0", b"0 0 0 1 k 4 4 50 28 re f 1 g 10 8 30 10 re f"),
    "hardly opaque": _state(b"/ca 0.2", b"0 g 4 4 50 28 re f"),
    "opaque strokes alone": _state(b"/ca 0 /CA 1", b"2 Tr 1 w " + WORDS),
    "alpha is shape": _state(b"/AIS true /ca 0.5", b"0 g 4 4 50 28 re f"),
    "text not knocked out": _state(b"/TK false /ca 0.4", b"BT /F1 16 Tf -6 Tc 4 10 Td (9999999) Tj ET"),
    "flat curves": _state(b"/FL 100 /SM 1 /SA false", b"4 4 m 4 40 56 40 56 4 c f"),
    "a mask of lightness": Drawing(
        b"/G gs 0 g 4 4 50 28 re f",
        b"/ExtGState << /G << /SMask << /Type /Mask /S /Luminosity /G @M >> >> >>",
        {b"M": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /Group << /S /Transparency /CS /DeviceGray >>",
            b"1 g 0 0 30 36 re f",
        )},
    ),
    "a mask over a light backdrop": Drawing(
        b"/G gs 0 g 4 4 50 28 re f",
        b"/ExtGState << /G << /SMask << /Type /Mask /S /Luminosity /BC [1] /G @M >> >> >>",
        {b"M": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 20 20] /Group << /S /Transparency /CS /DeviceGray >>",
            b"0 g 0 0 10 10 re f",
        )},
    ),
    "a mask of alpha": Drawing(
        b"/G gs 0 g 4 4 50 28 re f",
        b"/ExtGState << /G << /SMask << /Type /Mask /S /Alpha /G @M >> >> >>",
        {b"M": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /Group << /S /Transparency /CS /DeviceRGB >>",
            b"1 g 0 0 20 36 re f",
        )},
    ),
    "a mask in its own place": Drawing(
        b"q 0.5 0 0 0.5 0 0 cm /G gs Q /G gs 0 g 4 4 50 28 re f",
        b"/ExtGState << /G << /SMask << /Type /Mask /S /Luminosity /G @M >> >> >>",
        {b"M": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /Matrix [1 0 0 1 25 0]"
            b" /Group << /S /Transparency /CS /DeviceGray >>",
            b"1 g 0 0 30 36 re f",
        )},
    ),
    "a mask of CMYK": Drawing(
        b"/G gs 0 g 4 4 50 28 re f",
        b"/ExtGState << /G << /SMask << /Type /Mask /S /Luminosity /BC [0 0 0 0] /G @M >> >> >>",
        {b"M": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /Group << /S /Transparency /CS /DeviceCMYK >>",
            b"0 0 0 1 k 0 0 30 36 re f",
        )},
    ),
    "a separation that is white": _space(
        b"[/Separation /Spot /DeviceGray " + _IDENTITY % (b"1", b"1") + b"]", b"1"
    ),
    "a separation called black that is white": _space(
        b"[/Separation /Black /DeviceGray " + _IDENTITY % (b"1", b"1") + b"]", b"1"
    ),
    "a separation called cyan that is white": _space(
        b"[/Separation /Cyan /DeviceCMYK " + _IDENTITY % (b"0 0 0 0", b"0 0 0 0") + b"]", b"1"
    ),
    "a separation that is white until its end": _space(
        b"[/Separation /Spot /DeviceGray << /FunctionType 2 /Domain [0 1] /N 400 /C0 [1] /C1 [0] >>]", b"0.99"
    ),
    "a separation beyond its domain": _space(
        b"[/Separation /Spot /DeviceGray << /FunctionType 2 /Domain [0 0.1] /N 1 /C0 [1] /C1 [0] >>]", b"1"
    ),
    "a separation with a negative exponent": _space(
        b"[/Separation /Spot /DeviceGray << /FunctionType 2 /Domain [0 1] /N -2 /C0 [1] /C1 [0] >>]", b"0"
    ),
    "a separation by sampled values": _space(
        b"[/Separation /Spot /DeviceGray @T]", b"0.5",
        T=(b"/FunctionType 0 /Domain [0 1] /Range [0 1] /Size [3] /BitsPerSample 8 /Encode [2 0]", b"\xff\x00\xff"),
    ),
    "a separation by too few samples": _space(
        b"[/Separation /Spot /DeviceGray @T]", b"1",
        T=(b"/FunctionType 0 /Domain [0 1] /Range [0 1] /Size [9] /BitsPerSample 8", b"\xff\x00"),
    ),
    "a separation by calculation": _space(
        b"[/Separation /Spot /DeviceGray @T]", b"1",
        T=(b"/FunctionType 4 /Domain [0 1] /Range [0 1]", b"{ dup 0.5 gt { pop 1 } { 0 exch pop } ifelse }"),
    ),
    "a separation by a wrong calculation": _space(
        b"[/Separation /Spot /DeviceGray @T]", b"1",
        T=(b"/FunctionType 4 /Domain [0 1] /Range [0 1]", b"{ 0 div 7 bitshift foo }"),
    ),
    "a separation by pieces": _space(
        b"[/Separation /Spot /DeviceGray << /FunctionType 3 /Domain [0 1] /Bounds [1] /Encode [0 1 0 1] /Functions ["
        + _IDENTITY % (b"1", b"1") + b" " + _IDENTITY % (b"0", b"0") + b"] >>]",
        b"1",
    ),
    "two colorants": _space(
        b"[/DeviceN [/Cyan /Spot] /DeviceGray @T]", b"1 1",
        T=(b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]", b"{ pop pop 1 }"),
    ),
    "a colorant none among others": _space(
        b"[/DeviceN [/None /Spot] /DeviceGray @T]", b"1 0",
        T=(b"/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]", b"{ pop }"),
    ),
    "an index beyond its table": _space(b"[/Indexed /DeviceGray 1 <FF00>]", b"9"),
    "a table that is too short": _space(b"[/Indexed /DeviceGray 3 <FF>]", b"2"),
    "a broken index": _space(b"[/Indexed /DeviceGray 1 <FF00>]", b"0.6"),
    "another white point": _space(b"[/CalRGB << /WhitePoint [0.1 1 0.1] >>]", b"1 1 1"),
    "a black point above white": _space(b"[/CalGray << /WhitePoint [1 1 1] /BlackPoint [1 1 1] >>]", b"1"),
    "a steep gamma": _space(b"[/CalGray << /WhitePoint [0.95 1 1.09] /Gamma 4 >>]", b"0.8"),
    "a matrix of colours": _space(
        b"[/CalRGB << /WhitePoint [0.95 1 1.09] /Matrix [0 0 0 0 0 0 0 0 0] >>]", b"1 1 1"
    ),
    "colours beyond their range": Drawing(b"2 g 4 4 50 10 re f -1 g 4 18 50 10 re f"),
    "spot colours beyond their range": _space(b"[/DeviceGray]", b"7"),
    "rich black": Drawing(b"0 0 0 0.15 k 4 4 50 10 re f 1 1 1 1 k 4 18 50 10 re f"),
    "glyphs that colour themselves": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [600] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 d0 1 g 0 0 500 500 re f 0 g 100 100 200 200 re f"),
    ),
    "glyphs that may not colour": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [600] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 1 g 0 0 500 500 re f"),
    ),
    "glyphs beyond their box": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [600] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 10 10 d1 0 0 500 500 re f"),
    ),
    "glyphs without a width": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [0] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 0 0 500 500 re f"),
    ),
    "glyphs without widths": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 0 0 500 500 re f"),
    ),
    "glyphs upside down": _font(
        _GLYPHS + b"/FontMatrix [-0.001 0 0 -0.001 0 0] /Widths [-600] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 0 0 500 500 re f"),
    ),
    "glyphs by a matrix of nothing": _font(
        _GLYPHS + b"/FontMatrix [0 0 0 0 0 0] /Widths [600] /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 0 0 500 500 re f"),
    ),
    "glyphs with the resources of others": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [600] /CharProcs << /n @N >>",
        b"(99)", N=(b"", b"600 0 d0 BT /F1 900 Tf 0 0 Td (8) Tj ET"),
    ),
    "a glyph within a glyph": _font(
        _GLYPHS + b"/FontMatrix [0.001 0 0 0.001 0 0] /Widths [600] /CharProcs << /n @N >>"
        b" /Resources << /Font << /F1 @F1 >> >>",
        b"(99)", N=(b"", b"600 0 d0 BT /F1 900 Tf 0 0 Td (8) Tj ET"),
    ),
    "glyphs first and last otherwise": _font(
        b"/Subtype /Type3 /FontBBox [0 0 1000 1000] /FirstChar 60 /LastChar 61 /Widths [600 600] /FontMatrix"
        b" [0.001 0 0 0.001 0 0] /Encoding << /Differences [57 /n] >> /CharProcs << /n @N >> /Resources << >>",
        b"(99)", N=(b"", b"600 0 0 0 500 500 d1 0 0 500 500 re f"),
    ),
    "widths of nothing": _font(_HELVETICA + b"/FirstChar 48 /LastChar 57 /Widths [0 0 0 0 0 0 0 0 0 0]"),
    "widths that scatter": _font(_HELVETICA + b"/FirstChar 48 /LastChar 57 /Widths [9000 0 0 0 0 0 0 0 0 1000]"),
    "negative widths": _font(_HELVETICA + b"/FirstChar 48 /LastChar 57 /Widths [-900 0 0 0 0 0 0 0 0 -600]"),
    "a missing width": _font(
        b"/Subtype /TrueType /BaseFont /Arial /FirstChar 65 /LastChar 65 /Widths [600] /FontDescriptor << /Type"
        b" /FontDescriptor /FontName /Arial /Flags 32 /MissingWidth 3000 >>"
    ),
    "glyph names that are numbers": _font(_HELVETICA + b"/Encoding << /Differences [57 /g57 48 /uni0039] >>"),
    "glyph names of other letters": _font(_HELVETICA + b"/Encoding << /Differences [57 /.notdef 48 /space] >>"),
    "symbols": _font(b"/Subtype /Type1 /BaseFont /ZapfDingbats"),
    "symbols by a text encoding": _font(b"/Subtype /Type1 /BaseFont /Symbol /Encoding /WinAnsiEncoding"),
    "symbols as TrueType": _font(b"/Subtype /TrueType /BaseFont /Wingdings"),
    "numbers of glyphs in a font elsewhere": _font(
        b"/Subtype /Type0 /BaseFont /Arial /Encoding /Identity-H /DescendantFonts [<< /Type /Font /Subtype"
        b" /CIDFontType2 /BaseFont /Arial /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
        b" >>]",
        b"<001C00130013>",
    ),
    "a collection of characters": _font(
        b"/Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /UniJIS-UCS2-H /DescendantFonts [<< /Type /Font /Subtype"
        b" /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2"
        b" >> >>]",
        b"<003900300030>",
    ),
    "letters of no size": Drawing(b"BT /F1 0 Tf 4 10 Td (9000) Tj ET"),
    "letters of negative size": Drawing(b"BT /F1 -16 Tf 56 26 Td (9000) Tj ET"),
    "tiny letters": Drawing(b"BT /F1 0.01 Tf 1600 0 0 1600 4 10 Tm (9000) Tj ET"),
    "letters of no width": Drawing(b"BT /F1 16 Tf 0 Tz 4 10 Td (9000) Tj ET"),
    "letters mirrored": Drawing(b"BT /F1 16 Tf -100 Tz 56 10 Td (9000) Tj ET"),
    "letters over each other": Drawing(b"BT /F1 16 Tf -8.896 Tc 4 10 Td (9000) Tj ET"),
    "letters far apart": Drawing(b"BT /F1 16 Tf 4 10 Td [(9) 2000 (0) -2000 (00)] TJ ET"),
    "letters raised out": Drawing(b"BT /F1 16 Tf 900 Ts 4 10 Td (9) Tj 0 Ts (000) Tj ET"),
    "a matrix of nothing": Drawing(b"BT /F1 16 Tf 0 0 0 0 4 10 Tm (9000) Tj ET"),
    "letters unseen": Drawing(b"BT /F1 16 Tf 3 Tr 4 10 Td (9000) Tj ET"),
    "outlines without width": Drawing(b"0 w BT /F1 16 Tf 1 Tr 4 10 Td (9000) Tj ET"),
    "outlines as wide as the letters": Drawing(b"16 w BT /F1 16 Tf 1 Tr 4 10 Td (9000) Tj ET"),
    "spaces of words": Drawing(b"BT /F1 16 Tf -30 Tw 34 10 Td (9 0 0) Tj ET"),
    "lines without leading": Drawing(b"BT /F1 16 Tf 4 10 Td (9) ' (0) ' T* (0) ' ET"),
    "a matrix beyond the field": Drawing(b"q 1 0 0 1 -900 0 cm 900 0 60 36 re f Q"),
    "turned by forty-five": Drawing(b"q 0.7 0.7 -0.7 0.7 30 -10 cm 0 0 20 20 re f Q"),
    "flat by its matrix": Drawing(b"q 1 0 0 0 0 18 cm 8 w 4 0 m 56 0 l S 4 4 50 20 re f Q"),
    "cells without steps": _pattern(b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 0 /YStep 0"),
    "cells stepping back": _pattern(b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep -6 /YStep -6"),
    "cells that overlap": _pattern(b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 2 /YStep 2"),
    "cells far apart": _pattern(b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 900 /YStep 900"),
    "cells without box": _pattern(b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 0 0] /XStep 6 /YStep 6"),
    "cells in the page's own space": _pattern(
        b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 40 40] /XStep 40 /YStep 40", b"0 0 20 20 re f"
    ),
    "cells by a singular matrix": _pattern(
        b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 6 /YStep 6 /Matrix [0 0 0 0 0 0]"
    ),
    "an uncoloured cell": Drawing(
        b"/U cs 0 /P scn 4 4 50 28 re f", b"/ColorSpace << /U [/Pattern /DeviceGray] >> /Pattern << /P @P >>",
        {b"P": (
            b"/PatternType 1 /PaintType 2 /TilingType 1 /BBox [0 0 6 6] /XStep 6 /YStep 6", b"1 g 0 0 3 3 re f",
        )},
    ),
    "letters in a pattern": _pattern(
        b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 6 /YStep 6", b"0 0 3 3 re f", WORDS
    ),
    "strokes in a pattern": Drawing(
        b"/Pattern CS /P SCN 12 w 4 18 m 56 18 l S", b"/Pattern << /P @P >>",
        {b"P": (b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 6 /YStep 6", b"0 0 3 3 re f")},
    ),
    "a shading as a pattern": _pattern(
        b"<< /PatternType 2 /Shading " + _AXIAL % (b"200 12 260 12", b"") + b" >>", None
    ),
    "a shading beyond its ends": _pattern(
        b"<< /PatternType 2 /Shading " + _AXIAL % (b"0 0 1 0", b"/Extend [false false]") + b" >>", None
    ),
    "a shading between one point": Drawing(
        b"/S sh", b"/Shading << /S " + _AXIAL % (b"30 18 30 18", b"/Extend [true true]") + b" >>"
    ),
    "a shading with a background": Drawing(
        b"q 4 4 50 28 re W n /S sh Q", b"/Shading << /S " + _AXIAL % (b"30 0 31 0", b"/Background [0]") + b" >>"
    ),
    "a shading in its box": Drawing(
        b"/S sh", b"/Shading << /S " + _AXIAL % (b"0 0 60 0", b"/BBox [9 9 9 9] /Extend [true true]") + b" >>"
    ),
    "a shading backwards": Drawing(
        b"/S sh", b"/Shading << /S " + _AXIAL % (b"0 0 60 0", b"/Domain [1 0] /Extend [true true]") + b" >>"
    ),
    "circles within each other": Drawing(
        b"/S sh",
        b"/Shading << /S << /ShadingType 3 /ColorSpace /DeviceGray /Coords [10 18 9 50 18 0] /Extend [true true]"
        b" /Function " + _IDENTITY % (b"0", b"1") + b" >> >>",
    ),
    "a shading by function": Drawing(
        b"/S sh", b"/Shading << /S << /ShadingType 1 /ColorSpace /DeviceGray /Domain [0 60 0 36] /Function @T >> >>",
        {b"T": (b"/FunctionType 4 /Domain [0 60 0 36] /Range [0 1]", b"{ pop 30 gt { 0 } { 1 } ifelse }")},
    ),
    "a shading of triangles": Drawing(
        b"/S sh", b"/Shading << /S @T >>",
        {b"T": (
            b"/ShadingType 4 /ColorSpace /DeviceGray /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8"
            b" /Decode [0 60 0 36 0 1]",
            bytes([0, 10, 10, 0, 0, 240, 10, 0, 0, 128, 240, 0]),
        )},
    ),
    "a picture of one point": _image(b"/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0"),
    "a picture reversed": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Decode [1 0]", b"\0\xff"
    ),
    "a picture of sixteen bits": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 16", b"\0\xff\xff\0"
    ),
    "a stencil": _image(b"/Width 8 /Height 1 /ImageMask true /BitsPerComponent 1", b"\x0f"),
    "a stencil reversed": _image(b"/Width 8 /Height 1 /ImageMask true /BitsPerComponent 1 /Decode [1 0]", b"\x0f"),
    "a stencil of one point": _image(b"/Width 1 /Height 1 /ImageMask true /BitsPerComponent 1", b"\x00"),
    "a stencil in a pattern": Drawing(
        b"/Pattern cs /P scn q 50 0 0 28 4 4 cm /I Do Q", b"/Pattern << /P @P >> /XObject << /I @I >>",
        {
            b"P": (b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 6 6] /XStep 6 /YStep 6", b"0 0 3 3 re f"),
            b"I": (b"/Type /XObject /Subtype /Image /Width 8 /Height 1 /ImageMask true /BitsPerComponent 1", b"\x0f"),
        },
    ),
    "colours left out": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Mask [0 9]", b"\0\x40"
    ),
    "colours left out beyond their depth": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Mask [0 999]", b"\0\x40"
    ),
    "colours left out backwards": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Mask [9 0]", b"\0\x40"
    ),
    "colours left out of an index": _image(
        b"/Width 4 /Height 1 /ColorSpace [/Indexed /DeviceRGB 1 <000000FF0000>] /BitsPerComponent 2 /Mask [1 1]",
        b"\x11",
    ),
    "a picture with a mask that is none": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask @M", b"\0\0",
        M=(b"/Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0\0"),
    ),
    "a mask reversed": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask @M", b"\0\0",
        M=(
            b"/Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
            b" /Decode [1 0]", b"\0\xff",
        ),
    ),
    "a mask with a matte": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask @M", b"\xff\xff",
        M=(
            b"/Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
            b" /Matte [1]", b"\x80\xff",
        ),
    ),
    "a mask with a mask": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /SMask @M /Mask [0 255]", b"\0\0",
        M=(
            b"/Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
            b"\xff\xff",
        ),
    ),
    "a stencil as a mask": _image(
        b"/Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Mask @M", b"\0\0",
        M=(
            b"/Type /XObject /Subtype /Image /Width 8 /Height 1 /ImageMask true /BitsPerComponent 1 /Decode [1 0]",
            b"\x0f",
        ),
    ),
    "an index in a picture beyond its table": _image(
        b"/Width 2 /Height 1 /ColorSpace [/Indexed /DeviceGray 0 <FF>] /BitsPerComponent 8", b"\0\x09"
    ),
    "a picture turned over": _image(
        b"/Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0\xff\xff\xff",
        b"q -50 0 0 -28 54 32 cm /I Do Q",
    ),
    "a picture of no height": _image(
        b"/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\0", b"q 50 0 0 0.01 4 18 cm /I Do Q"
    ),
    "a picture with other parameters": _image(
        b"/Width 4 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms <<"
        b" /Predictor 15 /Columns 4 >>", zlib.compress(b"\x01\xff\x01\x80\x00"),
    ),
    "a form within the form": Drawing(
        b"/X Do", b"/XObject << /X @X >>",
        {b"X": (
            b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /Matrix [1 0 0 1 0 0] /Resources << >>",
            b"4 4 50 28 re f",
        )},
    ),
    "a form within without resources": Drawing(
        b"/X Do", b"/XObject << /X @X >>",
        {b"X": (b"/Type /XObject /Subtype /Form /BBox [0 0 60 36]", WORDS)},
    ),
    "a form within beyond its box": Drawing(
        b"/X Do", b"/XObject << /X @X >>",
        {b"X": (b"/Type /XObject /Subtype /Form /BBox [60 36 0 0] /Resources << >>", b"4 4 50 28 re f")},
    ),
    "a form within, layered": Drawing(
        b"/X Do", b"/XObject << /X @X >>",
        {
            b"X": (b"/Type /XObject /Subtype /Form /BBox [0 0 60 36] /OC @L /Resources << >>", b"4 4 50 28 re f"),
            b"L": b"<< /Type /OCG /Name (a) >>",
        },
    ),
    "a picture, layered": _image(
        b"/Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /OC << /Type /OCG /Name (a) >>", b"\0"
    ),
    "content, layered": Drawing(
        b"/OC /L BDC " + WORDS + b" EMC", b"/Properties << /L << /Type /OCG /Name (a) >> >>"
    ),
    "marked content that says other words": Drawing(b"/Span << /ActualText (1) >> BDC " + WORDS + b" EMC"),
    "a matrix of the appearance": Drawing(WORDS, form=b"/Matrix [0 1 -1 0 36 0]"),
    "a matrix that mirrors": Drawing(WORDS, form=b"/Matrix [-1 0 0 1 60 0]"),
    "a matrix that shears": Drawing(WORDS, form=b"/Matrix [1 0.5 0.5 1 0 0]"),
    "a box the other way": Drawing(WORDS, form=b"/BBox [60 36 0 0]"),
    "a box elsewhere": Drawing(WORDS, form=b"/BBox [-500 -500 -440 -464]"),
    "a small box": Drawing(WORDS, form=b"/BBox [4 10 13 22]"),
    "a thin box": Drawing(b"0 0 60 36 re f", form=b"/BBox [0 0 60 0.001]"),
    "a field on paper alone": Drawing(WORDS, widget=b"/F 36"),
    "a field that does not turn": Drawing(WORDS, widget=b"/F 20"),
    "a field that does not grow": Drawing(WORDS, widget=b"/F 12"),
    "a turned look": Drawing(WORDS, widget=b"/MK << /R 90 >>"),
    "a border and a ground": Drawing(b"", widget=b"/MK << /BG [0 0 0] /BC [1 0 0] >> /BS << /W 9 >>"),
    "a caption": Drawing(b"", widget=b"/MK << /CA (9000) >>"),
    "a border of the old kind": Drawing(WORDS, widget=b"/Border [0 0 20 [3]]"),
    "a field the other way": Drawing(WORDS, widget=b"/Rect [270 52 200 14]"),
    "unfinished": Drawing(b"q q q " + WORDS),
    "a path left open": Drawing(WORDS + b" 4 4 50 28 re"),
    "a colour by name": Drawing(b"/DeviceRGB cs 1 1 1 sc 4 4 50 28 re f /DeviceGray cs 4 4 9 9 re f"),
    "a colour that starts anew": Drawing(b"1 g /DeviceCMYK cs 4 4 50 28 re f"),
    "intent": Drawing(b"/Khac ri 100 i " + WORDS),
}  # fmt: skip


def drawn(base: Base, update: Update, name: str) -> Update:
    """The update with the drawing of this name in the field of its signature."""
    return drawn_as(base, update, DRAWINGS[name])


def drawn_as(base: Base, update: Update, drawing: Drawing) -> Update:
    """The update with a drawing in the field of its signature."""
    fields = new_signature_fields(base, update)
    if not fields:
        raise LookupError("no signature field")
    font = _font_of(base, update)
    refs: dict[bytes, Value] = {b"F1": font}
    for key in drawing.objects:
        update, refs[key] = added(base, update, Body(b"null"))
    for key, made in drawing.objects.items():
        ref = refs[key]
        assert isinstance(ref, Ref)
        update = update.with_objects({ref.number: _made(made, refs)})
    inside = _parsed(
        b"/Font << /F1 @F1 >> " + drawing.resources if b"/Font" not in drawing.resources else drawing.resources, refs
    )
    width, height = _size(body_of(base, update, fields[0]))
    entries: dict[bytes, Value] = {
        b"/Type": b"/XObject", b"/Subtype": b"/Form", b"/BBox": numbers(0, 0, width, height), b"/Resources": inside,
        **_parsed(drawing.form, refs),
    }  # fmt: skip
    content = drawing.content
    update, look = added(base, update, Body({**entries, b"/Length": b"%d" % len(content)}, content))
    widget = {key[1:].decode(): value for key, value in _parsed(drawing.widget, refs).items()}
    return changed(base, update, fields[0], AP={b"/N": look}, **widget)


def _made(made: bytes | tuple[bytes, bytes], refs: Mapping[bytes, Value]) -> Body:
    if isinstance(made, bytes):
        return Body(_with_refs(parsed(made)[0], refs))
    inside, data = made
    return Body({**_parsed(inside, refs), b"/Length": b"%d" % len(data)}, data)


def _parsed(inside: bytes, refs: Mapping[bytes, Value]) -> dict[bytes, Value]:
    value = _with_refs(parsed(b"<< " + inside + b" >>")[0], refs)
    assert isinstance(value, dict)
    return value


def _with_refs(value: Value, refs: Mapping[bytes, Value]) -> Value:
    match value:
        case Ref():
            return value
        case bytes() if value.startswith(b"@"):
            return refs[value[1:]]
        case list():
            return [_with_refs(one, refs) for one in value]
        case dict():
            return {key: _with_refs(one, refs) for key, one in value.items()}
    return value


def _font_of(base: Base, update: Update) -> Value:
    """The font F1 of the pages; Helvetica where they have none of that name."""
    found = resources(base, update)
    held = body_of(base, update, found.number).dictionary if isinstance(found, Ref) else found
    fonts = held.get(b"/Font") if isinstance(held, dict) else None
    fonts = body_of(base, update, fonts.number).dictionary if isinstance(fonts, Ref) else fonts
    plain: Value = {b"/Type": b"/Font", b"/Subtype": b"/Type1", b"/BaseFont": b"/Helvetica"}
    return fonts.get(b"/F1", plain) if isinstance(fonts, dict) else plain


def _size(widget: Body) -> tuple[float, float]:
    sides = widget.dictionary.get(b"/Rect")
    values = [float(one) for one in sides if isinstance(one, bytes)] if isinstance(sides, list) else []
    return (abs(values[2] - values[0]), abs(values[3] - values[1])) if len(values) == 4 else SIDES
