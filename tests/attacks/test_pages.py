"""Attacks on what the pages show: content, order, number, annotations, layers, fonts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.stamp import TextStamp, TextStampStyle

from tests.attacks.making import (
    SEAL,
    SEAL_BOX,
    assert_alarm,
    assert_no_alarm,
    changed,
    codes_of,
    drawing,
    facts_of,
    form_of,
    listed_in,
    page_of,
    paper,
    rectangle,
    sign,
    stream_of,
    update,
)
from verifier.changes.revisions import DocumentHistory, analyse_changes
from verifier.report import ChangesAfter

Edit = Callable[[IncrementalPdfFileWriter], None]
LINE = "BT /F1 16 Tf 60 780 Td (Dieu 0 trang 1: so tien 999 trieu dong) Tj ET"


def annotate(
    subtype: str, commands: str = "1 1 0 rg 0 0 300 30 re f", box: tuple[int, ...] = (60, 700, 360, 730)
) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name(subtype),
                pdf_name("/Rect"): rectangle(*box),
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/Contents"): generic.pdf_string("999"),
                pdf_name("/AP"): form_of(writer, commands, box[2] - box[0], box[3] - box[1]),
            }
        )
        notes = page_of(writer)["/Annots"]
        notes.append(writer.add_object(note))
        writer.update_container(notes)

    return edit


def replace_content(writer: IncrementalPdfFileWriter) -> None:
    changed(page_of(writer), writer, Contents=stream_of(writer, LINE))


def test_content_of_a_page_replaced() -> None:
    assert_alarm(update(sign(paper()), replace_content), "PAGE-CONTENT-CHANGED", visible=True)


def test_content_of_a_page_replaced_then_time_stamped_and_signed_again() -> None:
    data = sign(update(sign(paper()), replace_content), "Ky2")
    assert_alarm(data, "PAGE-CONTENT-CHANGED", visible=True)
    assert_no_alarm(data, ChangesAfter.NONE, field="Ky2")


def overwrite_content(writer: IncrementalPdfFileWriter) -> None:
    content = page_of(writer)["/Contents"]
    content._data = LINE.encode()
    content._encoded_data = None
    writer.update_container(content)


def test_content_stream_overwritten_under_its_old_number() -> None:
    assert_alarm(update(sign(paper()), overwrite_content), "PAGE-CONTENT-CHANGED", visible=True)


def test_content_that_is_never_drawn_changed_is_seen_in_the_objects_alone() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        contents = page_of(writer).raw_get("/Contents")
        changed(page_of(writer), writer, Contents=generic.ArrayObject([contents, stream_of(writer, "q Q")]))

    assert_alarm(update(sign(paper()), edit), "PAGE-CONTENT-CHANGED", visible=False)


def test_stamp_on_the_page_after_signing() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        TextStamp(writer, TextStampStyle(stamp_text="DA TIEP NHAN")).apply(0, x=300, y=300)

    assert_alarm(update(sign(paper()), edit), "PAGE-CONTENT-CHANGED", visible=True)


def test_content_that_was_missing_when_signed_is_supplied_later() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Contents = pikepdf.Array([page.Contents, pdf.make_stream(b"q Q")])

    with_both = paper(prepare=prepare)
    dangling = re.sub(rb"(/Contents \[ \d+ 0 R )(\d+)( 0 R \])", _missing, with_both)
    assert dangling != with_both

    def edit(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"BT /F1 40 Tf 60 300 Td (KHONG) Tj ET")
        number = page_of(writer)["/Contents"].raw_get(1).idnum
        stream.container_ref = generic.Reference(number, 0, writer)
        writer.objects[(0, number)] = stream

    assert_alarm(update(sign(dangling), edit), "PAGE-CONTENT-CHANGED", visible=True)


def _missing(match: re.Match[bytes]) -> bytes:
    return match[1] + b"9" * len(match[2]) + match[3]


def test_content_that_is_listed_as_an_annotation_as_well() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots.append(pdf.pages[0].Contents)

    assert_alarm(update(sign(paper(prepare=prepare)), overwrite_content), "PAGE-CONTENT-CHANGED", visible=True)


def test_changed_page_far_behind_is_drawn() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(page_of(writer, 69), writer, Contents=stream_of(writer, LINE))

    facts = facts_of(update(sign(paper(pages=70)), edit))
    assert facts.visible is True
    assert {area.page for area in facts.areas} == {69}


def test_page_replaced_while_there_are_too_many_objects() -> None:
    data = update(sign(paper()), replace_content)
    with DocumentHistory(data, objects_left=0) as history:
        facts = analyse_changes(history, listed_in(data))
    assert (facts.changes_after, facts.visible) == (ChangesAfter.UNKNOWN, None)
    assert codes_of(facts) == {"CHANGE-ANALYSIS-FAILED", "PAGES-NOT-COMPARED"}


def test_page_appended() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        tree = writer.root["/Pages"]
        page = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/Parent"): writer.root.raw_get("/Pages"),
                pdf_name("/MediaBox"): rectangle(0, 0, 595, 842),
                pdf_name("/Resources"): page_of(writer)["/Resources"],
                pdf_name("/Contents"): stream_of(writer, LINE),
            }
        )
        tree["/Kids"].append(writer.add_object(page))
        changed(tree, writer, Count=generic.NumberObject(3))

    assert_alarm(update(sign(paper()), edit), "PAGES-ADDED", visible=True)


def test_page_removed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        tree = writer.root["/Pages"]
        del tree["/Kids"][1]
        changed(tree, writer, Count=generic.NumberObject(1))

    assert_alarm(update(sign(paper()), edit), "PAGES-REMOVED", visible=True)


def test_pages_in_another_order() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        tree = writer.root["/Pages"]
        tree["/Kids"].reverse()
        writer.update_container(tree)

    assert_alarm(update(sign(paper()), edit), "PAGES-REORDERED", visible=True)


def test_page_replaced_by_one_of_another_number() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        tree, page = writer.root["/Pages"], page_of(writer, 1)
        copy = generic.DictionaryObject({key: page.raw_get(key) for key in page})
        tree["/Kids"][1] = writer.add_object(copy)
        writer.update_container(tree)

    def edit_and_turn(writer: IncrementalPdfFileWriter) -> None:
        edit(writer)
        page_of(writer, 1)[pdf_name("/UserUnit")] = generic.FloatObject("1.00001")

    assert_no_alarm(update(sign(paper()), edit), ChangesAfter.EXTENSION)  # an equal copy is the same page
    assert_alarm(update(sign(paper()), edit_and_turn), "PAGES-REMOVED", visible=False)


@pytest.mark.parametrize(
    ("key", "value"), [("Rotate", (90,)), ("CropBox", (0, 300, 595, 842)), ("MediaBox", (0, 0, 595, 700))]
)
def test_page_turned_or_cut(key: str, value: tuple[int, ...]) -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        new = generic.NumberObject(value[0]) if len(value) == 1 else rectangle(*value)
        changed(page_of(writer), writer, **{key: new})

    assert_alarm(update(sign(paper()), edit), "PAGE-GEOMETRY-CHANGED", visible=True)


def test_font_exchanged_for_another() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(page_of(writer)["/Resources"]["/Font"]["/F1"], writer, BaseFont=pdf_name("/Symbol"))

    assert_alarm(update(sign(paper()), edit), "FONT-CHANGED", visible=True)


@pytest.mark.parametrize("certify", [None, fields.MDPPerm.FILL_FORMS, fields.MDPPerm.ANNOTATE])
@pytest.mark.parametrize("subtype", ["/FreeText", "/Stamp", "/Text"])
def test_annotation_over_signed_content_even_where_certification_allows_annotations(
    certify: fields.MDPPerm | None, subtype: str
) -> None:
    data = update(sign(paper(), certify=certify), annotate(subtype))
    code = "ANNOTATION-ADDED" if certify is not fields.MDPPerm.ANNOTATE else "VISIBLE-CHANGE"
    assert_alarm(data, code, visible=True)


def test_note_beside_the_text_where_certification_allows_annotations() -> None:
    data = sign(paper(), certify=fields.MDPPerm.ANNOTATE)
    edit = annotate("/Text", "1 1 0 rg 0 0 18 18 re f", (560, 800, 578, 818))
    assert_no_alarm(update(data, edit), ChangesAfter.PERMITTED)


def test_annotation_that_was_there_redrawn() -> None:
    data = sign(update(paper(), annotate("/Stamp")))

    def edit(writer: IncrementalPdfFileWriter) -> None:
        note = page_of(writer)["/Annots"][2]
        changed(note, writer, AP=form_of(writer, "1 0 0 rg 0 0 300 30 re f", 300, 30))

    assert_alarm(update(data, edit), "ANNOTATION-CHANGED", visible=True)


def test_annotation_that_was_there_removed() -> None:
    data = sign(update(paper(), annotate("/Stamp")))

    def edit(writer: IncrementalPdfFileWriter) -> None:
        notes = page_of(writer)["/Annots"]
        del notes[2]
        writer.update_container(notes)

    assert_alarm(update(data, edit), "ANNOTATION-REMOVED", visible=True)


def test_layer_switched_on() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="L"))
        page = pdf.pages[0]
        page.Resources.Properties = pikepdf.Dictionary(L=layer)
        hidden = pdf.make_stream(b"/OC /L BDC BT /F1 40 Tf 60 300 Td (KHONG) Tj ET EMC")
        page.Contents = pikepdf.Array([page.Contents, hidden])
        pdf.Root.OCProperties = pikepdf.Dictionary(
            OCGs=[layer], D=pikepdf.Dictionary(BaseState=pikepdf.Name.ON, OFF=[layer])
        )

    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(writer.root["/OCProperties"]["/D"], writer, OFF=generic.ArrayObject())

    assert_alarm(update(sign(paper(prepare=prepare)), edit), "OPTIONAL-CONTENT-CHANGED", visible=True)


@pytest.mark.parametrize("color", ["1 1 1", "1 0.9 0.9"])
def test_signature_field_that_covers_what_was_signed(color: str) -> None:
    cover = drawing(f"{color} rg 0 0 400 90 re f", 400, 90)
    assert_alarm(sign(sign(paper()), "Dau", (50, 690, 450, 780), cover), "SIGNED-INK-LOST", visible=True)


def test_signature_field_over_the_whole_page_counts_by_what_it_draws() -> None:
    corner = drawing("1 0 0 RG 3 w 10 10 60 60 re S", 590, 840)
    assert_no_alarm(sign(sign(paper()), "Dau", (1, 1, 591, 841), corner), ChangesAfter.PERMITTED)
    across = drawing("1 0 0 RG 3 w 60 590 300 100 re S", 590, 840)
    assert_alarm(sign(sign(paper()), "Dau", (1, 1, 591, 841), across), "INK-ON-SIGNED-TEXT", visible=True)


def test_signature_field_that_hid_content_until_it_was_signed() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("Dau", box=(50, 690, 450, 780), on_page=0))
        field = writer.root["/AcroForm"]["/Fields"][2]
        changed(field, writer, AP=form_of(writer, "1 1 1 rg 0 0 400 90 re f", 400, 90))

    data = sign(update(paper(), prepare))
    seal = drawing("1 0 0 RG 3 w 10 10 60 60 re S", 400, 90)
    assert_alarm(sign(data, "Dau", style=seal, existing=True), "CONTENT-UNCOVERED", visible=True)


@pytest.mark.parametrize("level", [fields.MDPPerm.FILL_FORMS, fields.MDPPerm.ANNOTATE])
def test_visible_signature_field_added_to_a_certified_document(level: fields.MDPPerm) -> None:
    data = sign(sign(paper(), certify=level), "Dau", SEAL_BOX, SEAL)
    assert_alarm(data, "VISIBLE-SIGNATURE-ON-CERTIFIED", visible=True)
