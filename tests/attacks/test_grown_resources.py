"""Resources that pages share with the form (LibreOffice writes them so): what a later program may add to them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from tests.attacks.objects import judged, rewritten

INK = b"q 1 0 0 1 60 300 cm /F1 16 Tf BT (Ong An) Tj ET Q"


def shared(content: bytes = INK, change: Callable[[pikepdf.Pdf], None] | None = None) -> bytes:
    """A page whose resources are the form's too, and those of the picture in a signature field of its own."""
    pdf = pikepdf.new()
    names = pikepdf.Name
    font = pdf.make_indirect(pikepdf.Dictionary(Type=names.Font, Subtype=names.Type1, BaseFont=names.Helvetica))
    fonts = pdf.make_indirect(pikepdf.Dictionary(F1=font))
    resources = pdf.make_indirect(pikepdf.Dictionary(Font=fonts, ProcSet=[pikepdf.Name.PDF]))
    page = pdf.add_blank_page(page_size=(595, 842))
    page.Resources, page.Contents = resources, pdf.make_stream(content)
    look = pdf.make_stream(b"")
    look.Type, look.Subtype, look.Resources = pikepdf.Name.XObject, pikepdf.Name.Form, resources
    look.BBox = pikepdf.Array([0, 0, 0, 0])
    value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=[0, 1, 2, 3], Contents=b"\1" * 8))
    field = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T="S")
    field.V, field.Rect, field.F, field.P = value, [0, 0, 0, 0], 132, page.obj
    field.AP = pikepdf.Dictionary(N=look)
    field = pdf.make_indirect(field)
    page.Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3, DR=resources)
    if change is not None:
        change(pdf)
    output = io.BytesIO()
    pdf.save(output, static_id=True)
    return output.getvalue()


def numbers_of(data: bytes) -> tuple[int, int, int]:
    """Object numbers of the resources, of their fonts, of the one font."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        resources = pdf.pages[0].obj.Resources
        return resources.objgen[0], resources.Font.objgen[0], resources.Font.F1.objgen[0]


def with_resources(data: bytes, body: str) -> bytes:
    """An update that writes the shared resources anew."""
    number, fonts, font = numbers_of(data)
    return rewritten(data, number, body.replace("FONTS", f"{fonts} 0 R").replace("FONT", f"{font} 0 R").encode())


GROWN = "<< /Font FONTS /ProcSet [/PDF] /XObject << /FRM FONT >> >>"
"""A name in a new category; what it leads to is of no matter for what was signed."""


@pytest.mark.parametrize(
    "body",
    [
        "<< /Font << /F1 FONT /popplerfont FONT >> /ProcSet [/PDF] >>",
        "<< /Font FONTS /ProcSet [/PDF] /ExtGState << /GS7 << /Type /ExtGState /ca 1 >> >> >>",
    ],
)
def test_names_that_nothing_uses(body: str) -> None:
    signed = shared()
    assert judged(signed, with_resources(signed, body)) == (set(), set())


def test_a_font_among_the_fonts() -> None:
    signed = shared()
    _, fonts, font = numbers_of(signed)
    grown = rewritten(signed, fonts, b"<< /F1 %d 0 R /popplerfont %d 0 R >>" % (font, font))
    assert judged(signed, grown) == (set(), set())


MISSING = b" q /popplerfont 12 Tf BT (9.000.000) Tj ET Q"


def _in_a_form(pdf: pikepdf.Pdf) -> None:
    form = pdf.make_stream(MISSING)
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = pikepdf.Array([0, 0, 595, 842])
    pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(X=form)


def _in_a_default_look(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm.DA = "/popplerfont 12 Tf"


def _unreadable(pdf: pikepdf.Pdf) -> None:
    stream = pdf.make_stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")
    stream.Filter = pikepdf.Name.DCTDecode
    pdf.pages[0].obj.Resources.XObject = pikepdf.Dictionary(X=stream)


USED = {
    "by the page": (INK + MISSING, None),
    "by the page, spelled otherwise": (INK + MISSING.replace(b"popplerfont", b"p#6fppler#66ont"), None),
    "by a form": (INK, _in_a_form),
    "by a default look": (INK, _in_a_default_look),
    "perhaps, by what cannot be read": (INK, _unreadable),
}


@pytest.mark.parametrize("used", USED)
def test_a_name_that_was_missing_when_it_was_signed_draws_now(used: str) -> None:
    content, change = USED[used]
    signed = shared(content, change)
    _, fonts, font = numbers_of(signed)
    grown = rewritten(signed, fonts, b"<< /F1 %d 0 R /popplerfont %d 0 R >>" % (font, font))
    assert judged(signed, grown)[0]


@pytest.mark.parametrize(
    "body",
    [
        "<< /Font << /popplerfont FONT >> /ProcSet [/PDF] >>",
        "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> /popplerfont FONT >> /ProcSet [/PDF] >>",
        "<< /ProcSet [/PDF] >>",
        "<< /Font FONTS /ProcSet [/PDF] /ColorSpace << /DefaultRGB /DeviceGray >> >>",
        "<< /Font FONTS /ProcSet [/PDF] /Properties << /MC0 << /Type /OCG /Name (a) >> >> >>",
        "<< /Font FONTS /ProcSet [/PDF] /Strange 1 >>",
        "<< /Font FONTS /ProcSet [/PDF] /XObject << /FRM << /Type /Action /S /JavaScript /JS (app) >> >> >>",
        GROWN,
    ],
)
def test_what_was_there_has_to_stay_and_what_comes_to_be_a_resource(body: str) -> None:
    signed = shared()
    assert judged(signed, with_resources(signed, body))[0]


def page_with(data: bytes, box: str) -> bytes:
    """An update that writes the page anew with another box."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        page = pdf.pages[0].obj
        entries = {str(key): value.unparse().decode() for key, value in page.items()}
        number = page.objgen[0]
    entries["/MediaBox"] = box
    return rewritten(data, number, f"<< {' '.join(f'{key} {value}' for key, value in entries.items())} >>".encode())


@pytest.mark.parametrize(
    ("box", "same"),
    [
        ("[0 0 595.3039370079 841.8897637795]", True),
        ("[0 0 595.303937008 841.8897637795]", True),
        ("[0 0 595.30393701 841.8897637795]", False),
        ("[0 0 595.3039 841.8898]", False),
        ("[0 0 841.8897637795 595.3039370079]", False),
        ("[0 0 595.3039370079 841.8897637795 0]", False),
        ("[0 0 (595.3039370079) 841.8897637795]", False),
        ("[-595.3039370079 0 0 841.8897637795]", False),
    ],
)
def test_a_box_with_fewer_decimals(box: str, same: bool) -> None:
    """LibreOffice writes twelve, poppler ten."""

    def many_decimals(pdf: pikepdf.Pdf) -> None:
        sides = ["0", "0", "595.303937007874", "841.889763779528"]
        pdf.pages[0].obj.MediaBox = pikepdf.Array([pikepdf.Object.parse(side.encode()) for side in sides])

    signed = shared(change=many_decimals)
    assert b"595.303937007874" in signed
    assert bool(judged(signed, page_with(signed, box))[0]) is not same
