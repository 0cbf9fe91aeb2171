"""Seals in fields, corners, free space and the margin as a picture; pictures that may be no seal's."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image

from demo.documents import typeset
from signer.fonts import FontFiles
from signer.geometry import MM
from signer.layout import SealWish, lay_out
from signer.profile import Corner, Method, PlacementProfile
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealWording
from tests.unit.signer.looks import BODY, DPI, HEAD, assert_nothing_is_covered, drawn, look, span
from tests.unit.signer.papers import reshaped


def template(**boxes: tuple[float, float, float, float]) -> bytes:
    """A text with empty signature fields of these names."""
    with pikepdf.open(io.BytesIO(typeset((*HEAD, BODY)))) as opened:
        widgets = [
            opened.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Widget,
                    FT=pikepdf.Name.Sig,
                    T=name,
                    Rect=list(box),
                    F=4,
                )
            )
            for name, box in boxes.items()
        ]
        opened.pages[0].Annots = pikepdf.Array(widgets)
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(widgets))
        output = io.BytesIO()
        opened.save(output)
    return output.getvalue()


PERSON_BOX, AGENCY_BOX = (330.0, 300.0, 470.0, 380.0), (100.0, 290.0, 210.0, 400.0)
NAMED = PlacementProfile(person_field="NguoiKy", agency_field="Dau")


def test_empty_fields_of_the_template_are_signed_and_no_new_ones_made(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX, Dau=AGENCY_BOX)
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert (layout.method, [plan.name for plan in layout.fields]) == (Method.FIELD, ["NguoiKy", "Dau"])
    done = drawn(layout, fonts)
    with pikepdf.open(io.BytesIO(done)) as opened:
        assert [str(field.T) for field in opened.Root.AcroForm.Fields] == ["NguoiKy", "Dau"]
        assert all("/V" in field and "/AP" in field for field in opened.Root.AcroForm.Fields)
    shown = look(document, done)
    top, bottom = span(shown.red, 1)
    assert (bottom - top + 1) / shown.per_mm == pytest.approx(36.0, abs=0.5)
    left, right_edge = (column / DPI * 72 for column in span(shown.blue, 0))
    assert left >= 330 and right_edge <= 470


def test_without_a_field_of_its_own_the_seal_lies_over_the_signature_in_its_field(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX)
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert (layout.method, [plan.name for plan in layout.fields]) == (Method.FIELD, ["NguoiKy", "CoQuan"])
    shown = look(document, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    assert span(shown.red, 0)[0] < span(shown.blue, 0)[0] < span(shown.red, 0)[1] < span(shown.blue, 0)[1]


def test_a_field_too_small_for_the_seals_real_size_is_not_used(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=PERSON_BOX, Dau=(100.0, 300.0, 160.0, 360.0))
    layout = lay_out(document, sealed_wishes, None, wording, fonts, NAMED)
    assert layout.method is Method.FREE_SPACE


@pytest.mark.parametrize("corner", list(Corner))
def test_a_corner_is_kept_to_the_millimetre(
    corner: Corner, blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    profile = PlacementProfile((Method.CORNER,), corner=corner, corner_mm=(25.0, 30.0))
    layout = lay_out(blank, sealed_wishes, None, wording, fonts, profile)
    person, agency = (plan.box for plan in layout.fields)
    whole = person.around(agency)
    across = whole.x0 if "left" in corner.value else 595 - whole.x1
    up = whole.y0 if "bottom" in corner.value else 842 - whole.y1
    assert across / MM == pytest.approx(25.0, abs=0.1)
    assert up / MM == pytest.approx(30.0, abs=0.1)


def test_the_margin_is_the_last_resort(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """All is black but a strip of 44 mm at the foot: free space keeps 8 mm to the edge, the margin 3."""
    document = reshaped(blank, {}, b"0 g 0 %d 595 842 re f" % int(44 * MM))
    layout = lay_out(document, sealed_wishes, None, wording, fonts)
    assert layout.method is Method.MARGIN
    assert_nothing_is_covered(look(document, drawn(layout, fonts)))
    shut = reshaped(blank, {}, b"0 g 0 %d 595 842 re f" % int(30 * MM))
    with pytest.raises(SealRefused) as refused:
        lay_out(shut, sealed_wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.NO_FREE_SPACE


def test_an_agency_that_allows_one_way_only_is_told_that_it_failed(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pytest.raises(SealRefused) as refused:
        lay_out(blank, sealed_wishes, None, wording, fonts, PlacementProfile((Method.TEXT, Method.FIELD)))
    assert refused.value.code is RefusalCode.SEAL_PLACE_NOT_FOUND
    assert dict(refused.value.parameters) == {"methods": "text, field"}


def test_with_a_picture_signature_and_seal_never_part(
    blank: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """Rules 80 mm apart leave no room for the words beside, so they go below; the seal stays on the signature."""
    ruled = reshaped(blank, {}, b"0 g " + b" ".join(b"%d 0 1 842 re" % (x * MM) for x in (20, 100, 180)) + b" f")
    layout = lay_out(ruled, sealed_wishes, None, wording, fonts)
    shown = look(ruled, drawn(layout, fonts))
    assert_nothing_is_covered(shown)
    top, bottom = span(shown.red, 1)
    left, right_edge = span(shown.red, 0)
    first, last = span(shown.blue[top : bottom + 1], 0)
    assert left < first < right_edge < last
    assert (right_edge - first) / (last - first) == pytest.approx(1 / 3, abs=0.05)
    assert shown.blue[bottom + 1 :].any()


@pytest.mark.parametrize(
    ("mode", "colour", "code"),
    [
        ("RGB", (200, 20, 20), RefusalCode.PICTURE_NOT_TRANSPARENT),
        ("RGBA", (20, 20, 20, 255), RefusalCode.PICTURE_COLOUR),
        ("RGBA", (20, 20, 200, 255), RefusalCode.PICTURE_COLOUR),
        ("RGBA", (0, 0, 0, 0), RefusalCode.PICTURE_UNUSABLE),
    ],
)
def test_a_seal_that_is_not_red_on_a_transparent_ground_is_refused(
    mode: str,
    colour: tuple[int, ...],
    code: RefusalCode,
    blank: bytes,
    sealed_wishes: tuple[SealWish, ...],
    wording: SealWording,
    fonts: FontFiles,
) -> None:
    image = Image.new(mode, (300, 300), (255, 255, 255) if mode == "RGB" else (0, 0, 0, 0))
    image.paste(colour, (20, 20, 280, 60))
    image.paste(colour, (20, 240, 280, 280))
    output = io.BytesIO()
    image.save(output, "PNG")
    person, agency = sealed_wishes
    shown = replace(agency.drawing.appearance, picture=output.getvalue())
    with pytest.raises(SealRefused) as refused:
        wishes = (person, replace(agency, drawing=replace(agency.drawing, appearance=shown)))
        lay_out(blank, wishes, None, wording, fonts)
    assert refused.value.code is code


def test_a_field_beyond_the_page_is_not_used(
    sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = template(NguoiKy=(560.0, 300.0, 760.0, 380.0), Dau=AGENCY_BOX)
    assert lay_out(document, sealed_wishes, None, wording, fonts, NAMED).method is Method.FREE_SPACE


@pytest.mark.parametrize("place", ["over the text", "beyond the field", "over nothing"])
def test_a_picture_that_somebody_else_declared_does_not_draw_the_seal_over_text(
    place: str, paper: bytes, sealed_wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """Anybody can sign a field over the text and say that a signature's picture stands there."""
    rect = [300.0, 20.0, 430.0, 60.0] if place != "over the text" else [150.0, 500.0, 450.0, 590.0]
    claimed = [0.0, 300.0, 130.0, 340.0] if place == "beyond the field" else [0.0, 0.0, 130.0, 40.0]
    with pikepdf.open(io.BytesIO(paper)) as opened:
        shown = opened.make_stream(b"0 0 1 rg 5 5 120 2 re f", BBox=[0, 0, rect[2] - rect[0], rect[3] - rect[1]])
        shown.Type, shown.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        shown.AnTinPicture = pikepdf.Array(claimed)
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T="X", Rect=rect, F=4
        )
        field.AP = pikepdf.Dictionary(N=shown)
        field.V = pikepdf.Dictionary(Type=pikepdf.Name.Sig)
        widget = opened.make_indirect(field)
        opened.pages[0].Annots = pikepdf.Array([widget])
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([widget]))
        output = io.BytesIO()
        opened.save(output)
    document = output.getvalue()
    layout = lay_out(document, sealed_wishes[1:], None, wording, fonts)
    assert layout.method is (Method.TEXT if place == "over nothing" else Method.FREE_SPACE)
    shown_page = look(paper, drawn(layout, fonts))
    assert_nothing_is_covered(shown_page)
