"""What a signer draws in his own field: tricks that five viewers show unlike (found by the fuzz with viewers)."""

from __future__ import annotations

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import codes_of, facts_of, form_of, paper, rectangle, sign, update
from tests.attacks.objects import place, value, widget
from tests.fuzz.hostile_drawings import DRAWINGS, Drawing, drawn, drawn_as
from tests.fuzz.hostile_fonts import ENCODINGS, TABLES, font_drawings
from tests.fuzz.updates import Layout, read_base, read_update, write_update
from verifier.changes.alike.drawn import drawn_alike
from verifier.changes.revision_objects import RevisionObjects, reading
from verifier.report import ChangesAfter

UNLIKE = (
    "a negative phase", "a line without length, round", "a line without length, square",
    "a line without length, butt", "a point closed", "a curve in one point", "a rectangle without sides, stroked",
    "a line filled", "clipped by a line", "clipped without a path", "clipped by blanks", "white by difference",
    "white by exclusion", "black by screen", "black by colour", "black by hue", "red by saturation",
    "black by dodging", "grey by burning", "black by lightening", "black by soft light", "black by overlay",
    "white by difference in a group", "opaque strokes alone", "flat curves", "a separation called black that is white",
    "a separation by too few samples", "a separation by a wrong calculation", "a separation by pieces",
    "an index beyond its table", "a table that is too short", "a broken index", "another white point",
    "a matrix of colours", "glyphs beyond their box", "glyphs without a width", "glyphs without widths",
    "glyphs upside down", "glyphs first and last otherwise", "negative widths", "glyph names that are numbers",
    "glyph names of other letters", "symbols", "symbols as TrueType", "numbers of glyphs in a font elsewhere",
    "a collection of characters", "outlines without width", "outlines as wide as the letters",
    "flat by its matrix", "cells stepping back", "a shading between one point", "a shading with a background",
    "a shading backwards", "a shading by function", "a stencil in a pattern", "colours left out of an index",
    "a mask with a mask", "an index in a picture beyond its table", "a path left open", "a colour by name",
    "a colour that starts anew", "letters in a pattern",
)  # fmt: skip
"""Each was green when one of the five programs drew in the field what PDFium does not draw, or the other way round."""
ALIKE = (
    "dashes longer than the line", "a rectangle without width, stroked", "even and odd", "wound against",
    "hardly opaque", "a mask of lightness", "a mask of alpha", "a separation that is white", "letters far apart",
    "turned by forty-five", "a picture of one point", "a stencil", "a picture reversed", "colours left out",
    "a mask reversed", "a picture with other parameters", "a form within the form", "a matrix of the appearance",
)  # fmt: skip
"""What honest programs write, or could: all five show it in one way."""
_TEXT = ("WinAnsi", "Mac", "differences", "differences over WinAnsi")
_AGREEING = (
    "ink by Mac alone", "ink by its own codes alone", "ink by Unicode alone", "ink by all", "ink by both",
    "ink by names",
)  # fmt: skip
_BY_NUMBER = tuple(f"<{code}>" for code in ("0001000100010001", "0002000200020002"))
PLAIN_FONTS = frozenset(
    {f"{kind}, flags 32, {way}" for kind, tables in TABLES.items() if (3, 1) in tables for way in _TEXT}
    - {f"ink by the other Unicode, flags 32, {way}" for way in _TEXT}
    | {f"{kind}, flags 4, no encoding" for kind in TABLES if kind in _AGREEING}
    | {f"compact glyphs, {way}" for way in ENCODINGS}
    | {f"compact glyphs by number, {shown}" for shown in _BY_NUMBER}
    | {f"numbers of glyphs, /Identity-{way}, a map, {shown}" for way in "HV" for shown in _BY_NUMBER}
    | {name for name in font_drawings() if (", as they are, " in name or ", no map, " in name) and "/Identity-" in name}
)
"""Text fonts by Unicode under an encoding, fonts of their own codes whose tables agree, glyphs by number."""
SIGNED = sign(paper(1))
WHITE = b"1 1 1 rg 0 0 60 36 re f"
BLEND = b"/ExtGState << /G << /BM /Multiply >> >>"


def _place(writer: IncrementalPdfFileWriter) -> None:
    looks = form_of(writer, "0 0 60 36 re S", 60, 36)
    place(writer, widget(writer, Rect=rectangle(200, 14, 260, 50), AP=looks, V=value(writer)))


BASE = read_base(SIGNED)
UPDATE = read_update(update(SIGNED, _place), len(SIGNED), None)


def _is_alike(name: str | Drawing) -> bool:
    changed = drawn(BASE, UPDATE, name) if isinstance(name, str) else drawn_as(BASE, UPDATE, name)
    data = write_update(BASE, changed, Layout(BASE.as_stream))
    with reading():
        signed, viewed = RevisionObjects(data, len(SIGNED)), RevisionObjects(data)
        found = drawn_alike(viewed, signed.differing(viewed))
        signed.close()
        viewed.close()
    return found


@pytest.mark.parametrize("name", UNLIKE)
def test_a_drawing_that_viewers_show_unlike_is_on_no_list(name: str) -> None:
    assert name in DRAWINGS
    assert not _is_alike(name)


@pytest.mark.parametrize("name", ALIKE)
def test_a_drawing_that_all_show_alike_stays(name: str) -> None:
    assert _is_alike(name)


def test_of_fonts_in_the_file_those_are_plain_that_every_viewer_looks_up_alike() -> None:
    """Of 290 fonts that the five drew, 53 were shown unlike while PDFium's picture alone was compared."""
    assert {name for name, drawing in font_drawings().items() if _is_alike(drawing)} == PLAIN_FONTS


PICTURE = b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceRGB /BitsPerComponent 8 /SMask @M"
MASK = (
    b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", b"\xff",
)  # fmt: skip
FORM = b"/Type /XObject /Subtype /Form /BBox [0 0 60 36]"


def _pictured(colour: bytes) -> Drawing:
    inside = b"/XObject << /I @I >> " + BLEND
    return Drawing(b"/G gs q 60 0 0 36 0 0 cm /I Do Q", inside, {b"I": (PICTURE, colour), b"M": MASK})


@pytest.mark.parametrize(
    ("drawing", "alike"),
    [
        (Drawing(b"/G gs 0.7 0 0 rg 4 4 9 9 re f", BLEND), True),
        (Drawing(WHITE + b" /G gs 0 0 0 rg 4 4 9 9 re f", BLEND), True),
        (Drawing(b"q /G gs Q " + WHITE, BLEND), True),
        (Drawing(b"/G gs " + WHITE, BLEND), False),
        (Drawing(b"1 1 0.8 rg /G gs 4 4 9 9 re f", BLEND), False),
        (Drawing(b"1 1 1 RG /G gs 9 w 4 4 m 50 4 l S", BLEND), False),
        (Drawing(b"0 0 0 0.1 k /G gs 4 4 9 9 re f", BLEND), False),
        (Drawing(b"/X Do", b"/XObject << /X @X >>", {b"X": (FORM, b"0.7 0 0 rg 4 4 9 9 re f")}), True),
        (Drawing(b"/G gs /X Do", b"/XObject << /X @X >> " + BLEND, {b"X": (FORM, b"0.7 0 0 rg 4 4 9 9 re f")}), True),
        (Drawing(b"/G gs /X Do", b"/XObject << /X @X >> " + BLEND, {b"X": (FORM, WHITE)}), False),
        (_pictured(b"\xc8\x10\x10"), True),
        (_pictured(b"\xff\xff\xff"), False),
    ],
)
def test_ink_alone_may_darken_what_lies_below(drawing: Drawing, alike: bool) -> None:
    """Poppler and Ghostscript draw an annotation apart from its page: white that multiplies hides signed text there."""
    assert _is_alike(drawing) is alike


def test_white_that_multiplies_over_signed_text_is_no_green() -> None:
    """PDFium shows the text as it was, poppler and Ghostscript show a white patch."""

    def cover(writer: IncrementalPdfFileWriter) -> None:
        looks = form_of(writer, "0 0 60 36 re S", 60, 36)
        place(writer, widget(writer, Rect=rectangle(60, 730, 300, 760), AP=looks, V=value(writer)))

    covering = read_update(update(SIGNED, cover), len(SIGNED), None)
    changed = drawn_as(BASE, covering, Drawing(b"/G gs 1 g 0 0 240 30 re f", BLEND))
    facts = facts_of(write_update(BASE, changed, Layout(BASE.as_stream)))
    assert facts.changes_after is ChangesAfter.UNKNOWN
    assert "ADDITION-DRAWN-IN-TWO-WAYS" in codes_of(facts)
