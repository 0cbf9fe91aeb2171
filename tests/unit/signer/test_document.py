"""The mark and the seals as a person sees them: on upright and rotated pages, in crop boxes, around what is there."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pikepdf
import pytest

from signer.appearance import SealDrawing
from signer.fields import FieldPlan, prepare_signature
from signer.fonts import FontFiles
from signer.geometry import MM, Rect
from signer.keys_file import FileKey
from signer.layout import Layout, SealWish, lay_out
from signer.profile import Method
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, Role, SealWording
from tests.unit.signer.papers import PRINTED_AT, codes, inked, joined, part, picture, reshaped, signed_once, text

SHAPES: dict[str, dict[str, object]] = {
    "upright": {},
    "90": {"Rotate": 90},
    "180": {"Rotate": 180},
    "270": {"Rotate": 270},
    "cropped": {"CropBox": [40, 60, 555, 800]},
    "cropped-90": {"CropBox": [40, 60, 555, 800], "Rotate": 90},
    "shifted": {"MediaBox": [-100, -200, 495, 642]},
    "user-unit": {"UserUnit": 2},
}


@pytest.fixture
def wishes(person: SealDrawing, agency: SealDrawing) -> tuple[SealWish, ...]:
    return SealWish("NguoiKy", person), SealWish("CoQuan", agency)


def fields_drawn(layout: Layout, fonts: FontFiles) -> bytes:
    """The document with all its fields drawn, and something in place of the signatures."""
    data, known = layout.data, layout.fonts
    for plan in layout.fields:
        prepared = prepare_signature(data, plan, 64, fonts, known)
        data, known = prepared.fill(b"\x30\x00"), prepared.fonts
    return data


def displayed_size(document: bytes) -> tuple[float, float]:
    with pikepdf.open(io.BytesIO(document)) as opened:
        page = opened.pages[-1]
        box = [float(value) for value in (page.get("/CropBox") or page.MediaBox)]
        unit = float(page.get("/UserUnit", 1))
        size = ((box[2] - box[0]) * unit, (box[3] - box[1]) * unit)
        return size[::-1] if int(page.get("/Rotate", 0)) in (90, 270) else size


@pytest.mark.parametrize("shape", SHAPES)
def test_mark_and_seals_are_upright_where_they_were_planned(
    shape: str, blank: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, SHAPES[shape])
    layout = lay_out(document, wishes, mark, wording, fonts)
    done = fields_drawn(layout, fonts)
    assert done.startswith(document)
    size = displayed_size(document)
    shown = picture(done)
    corner = part(shown, Rect(0, size[1] - 60 * MM, 60 * MM, size[1]), size)
    assert codes(corner) == [mark.url]
    person, agency = (part(shown, plan.box, size) for plan in layout.fields)
    assert inked(person) > 0.01
    assert inked(agency) > 0.01
    # Outside the mark and the seals the page is as it was: blank.
    rest = shown.copy()
    part(rest, Rect(0, size[1] - 60 * MM, 90 * MM, size[1]), size)[:] = 255
    for plan in layout.fields:
        part(rest, plan.box.grown(1), size)[:] = 255
    assert (rest > 250).all()


@pytest.mark.parametrize("shape", ["upright", "90", "cropped-90"])
def test_seals_have_their_colours_and_real_size(
    shape: str, blank: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, SHAPES[shape])
    layout = lay_out(document, wishes, mark, wording, fonts)
    dpi = 300.0
    shown, size = picture(fields_drawn(layout, fonts), dpi=dpi), displayed_size(document)
    person, agency = (part(shown, plan.box, size).astype(int) for plan in layout.fields)
    blue, red = person[person.min(axis=2) < 160], agency[agency.min(axis=2) < 160]
    # Means, because the edges of letters are smoothed in colour.
    assert blue[:, 2].mean() > blue[:, 0].mean() + 80
    assert red[:, 0].mean() > red[:, 2].mean() + 80
    ring = agency[:, : int(37 * dpi / 25.4)].min(axis=2) < 200
    rows, columns = np.flatnonzero(ring.any(axis=1)), np.flatnonzero(ring.any(axis=0))
    assert (rows[-1] - rows[0]) / dpi * 25.4 == pytest.approx(36.0, abs=0.5)
    assert (columns[-1] - columns[0]) / dpi * 25.4 == pytest.approx(36.0, abs=0.5)


def test_every_text_can_be_extracted_with_its_diacritics(
    paper: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    done = fields_drawn(lay_out(paper, wishes, mark, wording, fonts), fonts)
    found = text(done)
    for expected in (
        "Ký bởi: Phạm Thị Mẫu",
        "Chức vụ: Giám đốc",
        "Cơ quan: Sở Tài nguyên và Môi trường DEMO",
        f"Thời gian ký: {PRINTED_AT}",
        "Mã tra cứu: 7KQ2-M9XP-4TRB-ZW3F",
        "Kiểm tra tại: kiemtra.laichau.gov.vn/",
    ):
        assert expected in found
    assert "".join(text(paper).split()) in "".join(found.split()) or text(paper)[:60] in found


def test_fonts_are_embedded_once(
    paper: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    done = fields_drawn(lay_out(paper, wishes, mark, wording, fonts), fonts)
    assert done.count(b"/FontFile2") == paper.count(b"/FontFile2") + 2


@pytest.mark.parametrize(
    "content",
    [
        b"q 0.1 0 0 0.1 300 300 cm 1 0 0 rg",  # states saved and never restored
        b"Q Q 0.1 0 0 0.1 300 300 cm 1 0 0 rg",  # restored more often than saved, then everything is scaled
        b"0.1 0 0 0.1 300 300 cm 0 g BT ET",
    ],
)
def test_the_pages_own_content_does_not_disturb_the_mark(
    content: bytes, blank: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    done = lay_out(reshaped(blank, {}, content), wishes, mark, wording, fonts).data
    assert codes(picture(done)) == [mark.url]


def test_nothing_that_is_there_is_covered(
    paper: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    done = fields_drawn(lay_out(paper, wishes, mark, wording, fonts), fonts)
    before, after = picture(paper), picture(done)
    ink = before.min(axis=2) < 128
    assert ink.any()
    assert np.array_equal(before[ink], after[ink])


def test_the_seals_go_on_the_last_page_and_the_mark_on_the_first(
    paper: bytes, blank: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    strange = tuple(
        replace(wish, drawing=replace(wish.drawing, appearance=replace(wish.drawing.appearance, title=None)))
        for wish in wishes
    )
    layout = lay_out(joined(paper, blank), strange, mark, wording, fonts)
    done = fields_drawn(layout, fonts)
    assert layout.method is Method.FREE_SPACE
    assert [plan.page for plan in layout.fields] == [1, 1]
    assert codes(picture(done, 0)) == [mark.url]
    assert "Ký bởi" not in text(done, 1)
    assert "Ký bởi" in text(done, 2)


def test_seals_move_up_when_the_bottom_is_taken(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, {}, b"0 g 0 0 595 150 re f")
    layout = lay_out(document, wishes, None, wording, fonts)
    assert all(plan.box.y0 > 150 for plan in layout.fields)


def test_seals_part_when_they_do_not_fit_side_by_side(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    document = reshaped(blank, {}, b"0 g 300 0 3 842 re f")  # a rule down the middle
    person, agency = (plan.box for plan in lay_out(document, wishes, None, wording, fonts).fields)
    assert not person.overlaps(agency)
    assert person.x0 > 303
    assert agency.x1 < 300


def test_an_annotation_without_ink_is_not_covered(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 595, 300])
        opened.pages[0].Annots = pikepdf.Array([opened.make_indirect(link)])
        output = io.BytesIO()
        opened.save(output)
    layout = lay_out(output.getvalue(), wishes, None, wording, fonts)
    assert all(plan.box.y0 > 300 for plan in layout.fields)


def test_no_free_space_is_refused_with_the_size_needed(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    ruled = b"0 g " + b" ".join(b"0 %d 595 1 re" % y for y in range(0, 842, 40)) + b" f"
    with pytest.raises(SealRefused) as refused:
        lay_out(reshaped(blank, {}, ruled), wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.NO_FREE_SPACE
    assert dict(refused.value.parameters) == {"width_mm": "96", "height_mm": "39"}


def test_the_mark_shrinks_before_it_is_refused(
    blank: bytes, wishes: tuple[SealWish, ...], mark: ResultMark, wording: SealWording, fonts: FontFiles
) -> None:
    """Text that leaves a left margin of 28 mm takes a QR of 18 mm; one that leaves 20 mm takes none."""
    text_block = b"0 g %d 300 500 542 re f"
    narrow = lay_out(reshaped(blank, {}, text_block % int(28 * MM)), wishes, mark, wording, fonts)
    assert codes(picture(narrow.data)) == [mark.url]
    with pytest.raises(SealRefused) as refused:
        lay_out(reshaped(blank, {}, text_block % int(20 * MM)), wishes, mark, wording, fonts)
    assert refused.value.code is RefusalCode.NO_FREE_SPACE_FOR_CODE


def test_a_taken_field_name_gets_a_number(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    once = fields_drawn(lay_out(blank, wishes[:1], None, wording, fonts), fonts)
    again = lay_out(blank, (wishes[0], wishes[0]), None, wording, fonts)
    assert [plan.name for plan in again.fields] == ["NguoiKy", "NguoiKy-2"]
    assert b"/T (NguoiKy)" in once


def test_the_mark_moves_into_the_last_field_of_a_signed_document(
    blank: bytes,
    wishes: tuple[SealWish, ...],
    mark: ResultMark,
    wording: SealWording,
    fonts: FontFiles,
    file_key: Callable[[str], FileKey],
) -> None:
    signed = signed_once(blank, wishes[0].drawing, file_key("officer"), fonts)
    layout = lay_out(signed, wishes[1:], mark, wording, fonts)
    assert layout.data == signed
    done = fields_drawn(layout, fonts)
    (plan,) = layout.fields
    assert codes(part(picture(done), plan.box, (595, 842))) == [mark.url]
    assert mark.verification_code in text(done).replace(" ", "")


def test_a_form_that_a_program_fills_in_is_refused(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        opened.Root.AcroForm = pikepdf.Dictionary(XFA="<xdp/>", Fields=pikepdf.Array())
        output = io.BytesIO()
        opened.save(output)
    with pytest.raises(SealRefused) as refused:
        lay_out(output.getvalue(), wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.DOCUMENT_XFA


def test_an_encrypted_document_is_refused(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        output = io.BytesIO()
        opened.save(output, encryption=pikepdf.Encryption(owner="owner", user=""))
    with pytest.raises(SealRefused) as refused:
        lay_out(output.getvalue(), wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.DOCUMENT_ENCRYPTED


@pytest.mark.parametrize("cut", [0, 10, 200, 400])
def test_damaged_bytes_are_refused_never_raised(
    cut: int, blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pytest.raises(SealRefused) as refused:
        lay_out(blank[:cut], wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.DOCUMENT_DAMAGED


def test_a_text_that_does_not_fit_and_a_letter_that_the_font_lacks_are_refused(
    blank: bytes, person: SealDrawing, wording: SealWording, fonts: FontFiles
) -> None:
    long = replace(person, appearance=replace(person.appearance, name="Rất dài " * 60))
    strange = replace(person, appearance=replace(person.appearance, name="Nguyễn 漢"))
    box = Rect(100, 100, 100 + person.size[0], 100 + person.size[1])
    for drawing, code in ((long, RefusalCode.TEXT_DOES_NOT_FIT), (strange, RefusalCode.CHARACTER_NOT_PRINTABLE)):
        with pytest.raises(SealRefused) as refused:
            prepare_signature(blank, FieldPlan("A", 0, box, drawing), 64, fonts, ())
        assert refused.value.code is code


def test_a_prepared_gap_takes_only_what_fits(blank: bytes, person: SealDrawing, fonts: FontFiles) -> None:
    box = Rect(100, 100, 100 + person.size[0], 100 + person.size[1])
    prepared = prepare_signature(blank, FieldPlan("A", 0, box, person), 64, fonts, ())
    assert prepared.room == 64
    filled = prepared.fill(b"\x01" * 64)
    assert len(filled) == len(prepared.data)
    with pytest.raises(ValueError, match="do not fit"):
        prepared.fill(b"\x01" * 65)
    assert person.role is Role.AUTHORISED_PERSON


def test_entries_behind_references_and_inherited_ones_are_read(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    """Real files keep /AcroForm, /Fields, /Annots and /Rect behind references, and boxes in the page tree."""
    with pikepdf.open(io.BytesIO(blank)) as opened:
        page = opened.pages[0]
        tree = opened.Root.Pages
        tree.MediaBox, tree.Rotate = pikepdf.Array([0, 0, 800, 400]), 90
        del page["/MediaBox"]
        rect = opened.make_indirect(pikepdf.Array([0, 0, 400, 400]))
        field = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, T="NguoiKy", Rect=rect
        )
        both = opened.make_indirect(pikepdf.Array([opened.make_indirect(field)]))
        page.Annots = both
        opened.Root.AcroForm = opened.make_indirect(pikepdf.Dictionary(Fields=both))
        output = io.BytesIO()
        opened.save(output)
    layout = lay_out(output.getvalue(), wishes, None, wording, fonts)
    person, agency = layout.fields
    assert person.name == "NguoiKy-2"
    # Displayed 400 points wide and 800 high; the field takes the upper half, so the rest stands in the lower one.
    for plan in (person, agency):
        assert plan.box.x1 < 400
        assert plan.box.y1 < 400


def test_a_filled_form_behind_a_reference_is_refused_too(
    blank: bytes, wishes: tuple[SealWish, ...], wording: SealWording, fonts: FontFiles
) -> None:
    with pikepdf.open(io.BytesIO(blank)) as opened:
        form = pikepdf.Dictionary(XFA="<xdp/>", Fields=pikepdf.Array())
        opened.Root.AcroForm = opened.make_indirect(form)
        output = io.BytesIO()
        opened.save(output)
    with pytest.raises(SealRefused) as refused:
        lay_out(output.getvalue(), wishes, None, wording, fonts)
    assert refused.value.code is RefusalCode.DOCUMENT_XFA


@pytest.mark.parametrize(
    ("kind", "value", "refused"),
    [("/Tx", None, True), ("/Tx", " ", True), ("/Tx", "1.200", False), ("/Btn", pikepdf.Name.Off, True)],
)
def test_a_form_with_a_field_left_to_fill_is_refused(
    blank: bytes,
    wishes: tuple[SealWish, ...],
    wording: SealWording,
    fonts: FontFiles,
    kind: str,
    value: object,
    refused: bool,
) -> None:
    """Filled in after the seal, it would still pass: "1.200" becomes "91.200" in a result that is checked green."""
    with pikepdf.open(io.BytesIO(blank)) as opened:
        kid = opened.make_indirect(pikepdf.Dictionary(Subtype=pikepdf.Name.Widget, Rect=[0, 0, 9, 9]))
        field = pikepdf.Dictionary(FT=pikepdf.Name(kind), T="o", Kids=pikepdf.Array([kid]))
        if value is not None:
            field.V = value
        opened.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([opened.make_indirect(field)]))
        output = io.BytesIO()
        opened.save(output)
    try:
        lay_out(output.getvalue(), wishes, None, wording, fonts)
    except SealRefused as error:
        assert refused and error.code is RefusalCode.DOCUMENT_FILLABLE
    else:
        assert not refused
