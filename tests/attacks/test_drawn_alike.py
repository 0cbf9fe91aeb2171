"""What a co-signer's appearance shows in some viewers only: on a signed line, where PDFium draws nothing."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import (
    assert_no_alarm,
    assert_unknown,
    codes_of,
    facts_of,
    page_of,
    paper,
    rectangle,
    sign,
    update,
)
from tests.attacks.objects import dictionary, place, value, widget
from verifier.report import ChangesAfter

Writer = IncrementalPdfFileWriter
Build = Callable[[Writer], generic.IndirectObject]
BOX = (100, 700, 400, 790)
DIGITS = "BT /F1 30 Tf 40 20 Td (999) Tj ET"
SIGNED = sign(paper(1))
"""Its lines run through the box."""


def _form(
    writer: Writer, commands: str, box: tuple[int, ...] = (0, 0, 300, 90), **more: generic.PdfObject
) -> generic.IndirectObject:
    font = dictionary(F1=page_of(writer)["/Resources"]["/Font"].raw_get("/F1"))
    entries = dictionary(
        Type=pdf_name("/XObject"),
        Subtype=pdf_name("/Form"),
        BBox=rectangle(*box),
        Resources=dictionary(Font=font, **more),
    )
    return writer.add_object(generic.StreamObject(entries, stream_data=commands.encode("latin-1")))


def _with(build: Build) -> bytes:
    """Signed, then a second signature whose appearance this is."""

    def edit(writer: Writer) -> None:
        looks = dictionary(N=build(writer))
        place(writer, widget(writer, Rect=rectangle(*BOX), AP=looks, V=value(writer)))

    return update(SIGNED, edit)


def _nested(writer: Writer, levels: int, commands: str = DIGITS) -> generic.IndirectObject:
    form = _form(writer, commands)
    for _ in range(levels):
        form = _form(writer, "/X Do", XObject=dictionary(X=form))
    return form


def _unpainted(writer: Writer) -> generic.IndirectObject:
    tint = dictionary(
        FunctionType=generic.NumberObject(2),
        Domain=rectangle(0, 1),
        N=generic.NumberObject(1),
        C0=rectangle(0),
        C1=rectangle(0),
    )
    space = generic.ArrayObject([pdf_name("/Separation"), pdf_name("/None"), pdf_name("/DeviceGray"), tint])
    return _form(writer, "/C cs 1 scn " + DIGITS, ColorSpace=dictionary(C=space))


def _masked(writer: Writer) -> generic.IndirectObject:
    """A mask by lightness without a colour space, of a group that draws nothing."""
    group = _form(writer, "")
    mask = dictionary(S=pdf_name("/Luminosity"), G=group)
    return _form(writer, "/G gs " + DIGITS, ExtGState=dictionary(G=dictionary(SMask=mask)))


def _with_font_of_state(writer: Writer) -> generic.IndirectObject:
    font = generic.ArrayObject([page_of(writer)["/Resources"]["/Font"].raw_get("/F1"), generic.NumberObject(30)])
    return _form(writer, "/G gs BT 40 20 Td (999) Tj ET", ExtGState=dictionary(G=dictionary(Font=font)))


def _picture(writer: Writer, data: bytes, **entries: generic.PdfObject) -> generic.IndirectObject:
    known = {"Type": pdf_name("/XObject"), "Subtype": pdf_name("/Image"), "Width": generic.NumberObject(4)}
    picture = generic.StreamObject(
        dictionary(**{**known, "Height": generic.NumberObject(4), **entries}), stream_data=data
    )
    return _form(writer, "q 60 0 0 30 40 20 cm /I Do Q", XObject=dictionary(I=writer.add_object(picture)))


def _grey(bits: int) -> dict[str, generic.PdfObject]:
    return {"BitsPerComponent": generic.NumberObject(bits), "ColorSpace": pdf_name("/DeviceGray")}


CONTENTS = {
    "a coordinate out of range": f"q 1 0 0 1 3000000000 0 cm 1 0 0 1 -3000000000 0 cm {DIGITS} Q",
    "operands too many": "BT /F1 30 Tf 40 20 4000 2000 Td (999) Tj ET",
    "operands too few": "BT /F1 30 Tf 1 0 0 1 40 Tm (999) Tj ET",
    "an unknown way to draw text": "BT /F1 30 Tf 3 Tr 9 Tr 40 20 Td (999) Tj ET",
    "a string for an array": "BT /F1 30 Tf 40 20 Td (999) TJ ET",
    "an array without an end": f"[ 1 2 {DIGITS}",
    "a line of negative width": "-5 w 40 20 m 90 20 l S",
    "a line from nowhere": "3 w 40 20 l 90 20 l S",
    "a point closed": "1 J 10 w 60 30 m h S",
    "a rectangle without height": "40 20 50 0 re f",
    "dashes without length": "[0 0] 0 d 5 w 40 20 m 90 20 l S",
    "a negative dash": "[-1 2] 0 d 5 w 40 20 m 90 20 l S",
    "words run together": "BT /F1 30Tf 40 20Td(999)Tj ET",
    "a picture of three bits": "q 60 0 0 30 40 20 cm BI /W 2 /H 2 /BPC 3 /CS /G ID \0\0\0\0 EI Q",
    "more restored than saved": f"Q Q {DIGITS}",
    "states saved without end": "q " * 100 + DIGITS,
    "text in no font": "BT 40 20 Td (999) Tj ET",
    "a layer": f"/OC << /Type /OCMD >> BDC {DIGITS} EMC",
    "a colour of too many parts": f"/DeviceGray cs 1 1 1 sc {DIGITS}",
}
OBJECTS: dict[str, Build] = {
    "forms nested 45 deep": lambda writer: _nested(writer, 45),
    "forms nested 110 deep": lambda writer: _nested(writer, 110),
    "the colour None": _unpainted,
    "a mask without a colour space": _masked,
    "a font by the graphics state": _with_font_of_state,
    "a box without height": lambda writer: _form(writer, DIGITS, (0, 0, 300, 0)),
    "a box of three numbers": lambda writer: _form(writer, DIGITS, (0, 0, 300)),
    "a picture that says no depth": lambda writer: _picture(writer, b"\0" * 16, ColorSpace=pdf_name("/DeviceGray")),
    "a picture of three bits": lambda writer: _picture(writer, b"\0" * 16, **_grey(3)),
    "a picture cut off": lambda writer: _picture(writer, b"\0" * 4, **_grey(8)),
    "a picture with half a mask": lambda writer: _picture(writer, b"\0" * 16, Mask=rectangle(0), **_grey(8)),
    "a picture in no known colours": lambda writer: _picture(
        writer, b"\0" * 16, BitsPerComponent=generic.NumberObject(8), ColorSpace=pdf_name("/Foo")
    ),
    "a picture drawn by a range": lambda writer: _picture(writer, b"\0" * 16, Decode=rectangle(0, 0), **_grey(8)),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_operators_that_viewers_read_differently_are_no_green(name: str) -> None:
    _not_green(_with(lambda writer: _form(writer, CONTENTS[name])))


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_that_viewers_draw_differently_are_no_green(name: str) -> None:
    _not_green(_with(OBJECTS[name]))


def test_a_form_whose_data_are_cut_off_is_no_green() -> None:
    cut = zlib.compress(DIGITS.encode())[:-6]

    def build(writer: Writer) -> generic.IndirectObject:
        entries = dictionary(Subtype=pdf_name("/Form"), BBox=rectangle(0, 0, 300, 90), Filter=pdf_name("/FlateDecode"))
        return writer.add_object(generic.StreamObject(entries, encoded_data=cut))

    _not_green(_with(build))


@pytest.mark.parametrize("inside", [False, True])
def test_a_stream_that_does_not_say_that_it_is_a_form_is_no_green(inside: bool) -> None:
    def build(writer: Writer) -> generic.IndirectObject:
        stream = generic.StreamObject(stream_data=b"3 w 40 20 m 90 20 l S")
        unsaid = writer.add_object(stream)
        return _form(writer, "/X Do", XObject=dictionary(X=unsaid)) if inside else unsaid

    _not_green(_with(build))


def _not_green(data: bytes) -> None:
    """PDFium may draw some of them and so find ink on text; what matters is the defect that is told."""
    facts = facts_of(data)
    assert facts.changes_after in (ChangesAfter.UNKNOWN, ChangesAfter.SUSPICIOUS)
    assert "ADDITION-DRAWN-IN-TWO-WAYS" in codes_of(facts), facts


def test_plain_drawings_stay_green() -> None:
    strokes = "q 0.5 w 1 J [3 1] 0 d 0 0 1 RG 10 4 m 40 8 90 2 120 6 c S 10 1 20 2 re f Q"
    low = (0, 0, 300, 90)
    for build in (
        lambda writer: _form(writer, strokes, low),
        lambda writer: _nested(writer, 4, strokes),
        lambda writer: _form(writer, "% DSBlank\n", (0, 0, 0, 0)),
    ):
        assert_no_alarm(_on_free_ground(build), ChangesAfter.PERMITTED)


def _on_free_ground(build: Build) -> bytes:
    def edit(writer: Writer) -> None:
        looks = dictionary(N=build(writer))
        place(writer, widget(writer, Rect=rectangle(330, 20, 560, 110), AP=looks, V=value(writer)))

    return update(SIGNED, edit)


def test_what_pdfium_does_not_draw_is_unknown_and_seen_by_nobody() -> None:
    assert_unknown(_with(OBJECTS["forms nested 45 deep"]), "ADDITION-DRAWN-IN-TWO-WAYS")
