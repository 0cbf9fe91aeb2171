"""Attacks on forms and signature fields: values and appearances swapped, locks broken, pictures without signatures."""

from __future__ import annotations

import base64
import io
import re
import time
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from tests.attacks.making import (
    EMPTY,
    FILLED,
    SEAL,
    SEAL_BOX,
    assert_alarm,
    assert_no_alarm,
    changed,
    facts_of,
    field_of,
    form_of,
    page_of,
    paper,
    rectangle,
    sign,
    update,
)
from verifier.changes.form import draws
from verifier.report import ChangesAfter

FILTERS = {"A85": "ASCII85Decode", "Fl": "FlateDecode", "LZW": "LZWDecode"}
OTHER_PAYEE = "BT /F1 12 Tf 2 5 Td (Le Van Gian) Tj ET"


def swap_appearance(writer: IncrementalPdfFileWriter) -> None:
    changed(field_of(writer, FILLED), writer, AP=form_of(writer, OTHER_PAYEE, 240, 20))


def swap_value(writer: IncrementalPdfFileWriter) -> None:
    changed(field_of(writer, FILLED), writer, V=generic.pdf_string("Le Van Gian"))


def fill(writer: IncrementalPdfFileWriter) -> None:
    appearance = form_of(writer, OTHER_PAYEE, 240, 20)
    changed(field_of(writer, EMPTY), writer, V=generic.pdf_string("Le Van Gian"), AP=appearance)


def test_payee_swapped_in_the_appearance_alone() -> None:
    assert_alarm(update(sign(paper()), swap_appearance), "FIELD-APPEARANCE-CHANGED", visible=True)


def test_payee_swapped_under_the_old_number_of_the_appearance() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        appearance = field_of(writer, FILLED)["/AP"]["/N"]
        appearance._data = OTHER_PAYEE.encode()
        appearance._encoded_data = None
        writer.update_container(appearance)

    assert_alarm(update(sign(paper()), edit), "FIELD-APPEARANCE-CHANGED", visible=True)


def test_value_changed_and_the_appearance_left() -> None:
    assert_alarm(update(sign(paper()), swap_value), "FIELD-VALUE-CHANGED", visible=False)


def test_field_whose_value_is_empty_but_which_shows_text_counts_as_filled() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        field = field_of(writer, FILLED)
        changed(field, writer, V=generic.pdf_string(""))

    assert_alarm(update(sign(update(paper(), prepare)), swap_appearance), "FIELD-APPEARANCE-CHANGED", visible=True)


def test_field_filled_after_one_signature_and_changed_after_the_next() -> None:
    def again(writer: IncrementalPdfFileWriter) -> None:
        changed(field_of(writer, EMPTY), writer, V=generic.pdf_string("y"))

    filled = sign(update(sign(paper()), fill), "Ky2")
    assert_no_alarm(filled, ChangesAfter.PERMITTED, field="Ky")
    data = update(filled, again)
    assert_alarm(data, "FIELD-VALUE-CHANGED", visible=True, field="Ky")  # it shows another value than it has
    assert_alarm(data, "FIELD-VALUE-CHANGED", visible=False, field="Ky2")


def test_viewer_told_to_redraw_the_fields() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(writer.root["/AcroForm"], writer, NeedAppearances=generic.BooleanObject(True))

    assert_alarm(update(sign(paper()), edit), "FORM-CHANGED", visible=True)


def test_fonts_of_fields_still_to_be_filled_changed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        font = writer.add_object(generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Font")}))
        fonts = generic.DictionaryObject({pdf_name("/F1"): font})
        changed(writer.root["/AcroForm"], writer, DR=generic.DictionaryObject({pdf_name("/Font"): fonts}))

    assert_alarm(update(sign(paper()), edit), "FORM-CHANGED", visible=False)


def test_text_field_added() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        field = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): generic.pdf_string("moi"),
                pdf_name("/Rect"): rectangle(60, 400, 300, 420),
                pdf_name("/AP"): form_of(writer, OTHER_PAYEE, 240, 20),
            }
        )
        reference = writer.add_object(field)
        for holder in (writer.root["/AcroForm"]["/Fields"], page_of(writer)["/Annots"]):
            holder.append(reference)
            writer.update_container(holder)

    assert_alarm(update(sign(paper()), edit), "FIELD-ADDED", visible=True)


def test_field_removed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        for holder in (writer.root["/AcroForm"]["/Fields"], page_of(writer)["/Annots"]):
            del holder[0]
            writer.update_container(holder)

    assert_alarm(update(sign(paper()), edit), "FIELD-REMOVED", visible=True)


def test_field_moved() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(field_of(writer, FILLED), writer, Rect=rectangle(60, 600, 300, 620))

    assert_alarm(update(sign(paper()), edit), "FIELD-CHANGED", visible=True)


@pytest.mark.parametrize("names", [[EMPTY], [EMPTY, FILLED]])
def test_locked_field_filled(names: list[str]) -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, names)
    assert_alarm(update(sign(paper(), lock=lock), fill), "LOCKED-FIELD-CHANGED", visible=True)


def test_every_field_locked() -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    assert_alarm(update(sign(paper(), lock=lock), fill), "LOCKED-FIELD-CHANGED", visible=True)


def test_every_field_but_one_locked() -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.EXCLUDE, [FILLED])
    assert_alarm(update(sign(paper(), lock=lock), fill), "LOCKED-FIELD-CHANGED", visible=True)


def test_field_filled_although_certified_without_any_change() -> None:
    data = update(sign(paper(), certify=fields.MDPPerm.NO_CHANGES), fill)
    assert_alarm(data, "CERTIFICATION-FORBIDS-CHANGE", visible=True)


def _signature_field(writer: IncrementalPdfFileWriter, **entries: generic.PdfObject) -> None:
    field = {
        "Type": pdf_name("/Annot"),
        "Subtype": pdf_name("/Widget"),
        "FT": pdf_name("/Sig"),
        "T": generic.pdf_string("Dau"),
        "F": generic.NumberObject(4),
        "Rect": rectangle(*SEAL_BOX),
        **entries,
    }
    reference = writer.add_object(generic.DictionaryObject({pdf_name(f"/{k}"): v for k, v in field.items()}))
    for holder in (writer.root["/AcroForm"]["/Fields"], page_of(writer)["/Annots"]):
        holder.append(reference)
        writer.update_container(holder)


def test_seal_without_a_signature() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        _signature_field(writer, AP=form_of(writer, "1 0 0 RG 3 w 10 10 60 60 re S", 150, 80))

    assert_alarm(update(sign(paper()), edit), "SIGNATURE-FIELD-NOT-SIGNED", visible=True)


def test_seal_with_the_earlier_signature_as_its_own() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        earlier = field_of(writer, "Ky").raw_get("/V")
        _signature_field(writer, V=earlier, AP=form_of(writer, "1 0 0 RG 3 w 10 10 60 60 re S", 150, 80))

    assert_alarm(update(sign(paper()), edit), "SIGNATURE-REUSED", visible=True)


def test_seal_with_something_that_is_no_signature() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        value = writer.add_object(generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Sig")}))
        _signature_field(writer, V=value, AP=form_of(writer, "1 0 0 RG 3 w 10 10 60 60 re S", 150, 80))

    assert_alarm(update(sign(paper()), edit), "SIGNATURE-FIELD-NOT-SIGNED", visible=True)


def _value_of(kind: str) -> generic.DictionaryObject:
    """A signature dictionary that no verdict of the report answers for."""
    return generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/DocTimeStamp" if kind == "stamp" else "/Sig"),
            pdf_name("/SubFilter"): pdf_name("/ETSI.RFC3161" if kind == "stamp" else "/ETSI.CAdES.detached"),
            pdf_name("/ByteRange"): rectangle(0, 10, 20, 30),
            pdf_name("/Contents"): generic.ByteStringObject((b"\x01" if kind == "stamp" else b"\x00") * 64),
        }
    )


@pytest.mark.parametrize("kind", ["stamp", "placeholder"])
def test_seal_for_which_no_signature_answers(kind: str) -> None:
    """Neither needs a key, and neither lowers the conclusion: what they draw would stand beside a valid signature."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        value = writer.add_object(_value_of(kind))
        _signature_field(writer, V=value, AP=form_of(writer, "1 0 0 RG 3 w 10 10 60 60 re S", 150, 80))

    assert_alarm(update(sign(paper()), edit), "SIGNATURE-FIELD-NOT-SIGNED", visible=True)


def test_new_signature_field_with_a_script() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        script = generic.DictionaryObject(
            {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("1")}
        )
        _signature_field(writer, A=script)

    assert_alarm(update(sign(paper()), edit), "SCRIPT-CHANGED", visible=False)


def test_signature_field_that_nobody_signed() -> None:
    """Filling in and signing are permitted (ISO 32000-2 table 257), adding fields is not; signed, it is signing."""
    assert_alarm(update(sign(paper()), _signature_field), "EMPTY-SIGNATURE-FIELD-ADDED", visible=False)
    signed = sign(update(sign(paper()), _signature_field), "Dau", existing=True)
    assert_no_alarm(signed, ChangesAfter.PERMITTED)


def _widget_apart(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="Dau"))
    widget = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, F=4, Rect=list(SEAL_BOX), Parent=field, P=page.obj
    )
    field.Kids = pikepdf.Array([pdf.make_indirect(widget)])
    pdf.Root.AcroForm.Fields.append(field)
    page.Annots.append(field.Kids[0])


def test_an_empty_signature_field_with_its_widget_apart_may_be_signed() -> None:
    """The widget has no value of its own: it is its field's that is signed."""
    signed = sign(sign(paper(prepare=_widget_apart)), "Dau", style=SEAL, existing=True)
    assert_no_alarm(signed, ChangesAfter.PERMITTED)


def test_flags_that_say_how_a_field_looks() -> None:
    """Locking a field is what signing tools do; a password field shows dots where the signer read a name."""

    def flags(value: int) -> Callable[[IncrementalPdfFileWriter], None]:
        return lambda writer: changed(field_of(writer, FILLED), writer, Ff=generic.NumberObject(value))

    assert_no_alarm(update(sign(paper()), flags(0b1)), ChangesAfter.EXTENSION)
    assert_alarm(update(sign(paper()), flags(1 << 13)), "FIELD-CHANGED", visible=False)


def test_appearance_made_to_cost() -> None:
    """A string of 20 KB that never ends, drawn in a field: it took 20 s to see that it draws nothing."""

    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.AcroForm.Fields[1].AP.N.write(b"(" + b"a" * 19_000)

    data = update(sign(paper(prepare=prepare)), fill)
    started = time.process_time()
    facts_of(data)
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("filters", "marks"), [(("A85", "Fl"), False), (("Fl",), False), (("Fl", "Fl"), True), (("Fl", "A85", "LZW"), True)]
)
def test_appearance_that_unfolds_twice(filters: tuple[str, ...], marks: bool) -> None:
    """Two codings blow a few kilobytes up to gigabytes: not unfolded, so it counts as if it drew something."""
    with pikepdf.open(io.BytesIO(paper())) as pdf:
        widget = pdf.Root.AcroForm.Fields[1]
        data = b"q Q"
        for name in reversed(filters):
            data = base64.a85encode(data) + b"~>" if name == "A85" else zlib.compress(data)
        widget.AP.N.write(data, filter=pikepdf.Array([pikepdf.Name(f"/{FILTERS[name]}") for name in filters]))
        assert draws(widget, re.compile(rb"Tj|re")) is marks


def test_words_in_an_empty_field_that_nobody_filled_in() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(field_of(writer, EMPTY), writer, AP=form_of(writer, "BT /F1 12 Tf 2 5 Td (999) Tj ET", 240, 20))

    assert_alarm(update(sign(paper()), edit), "FIELD-APPEARANCE-CHANGED", visible=True)


def test_form_that_no_longer_says_it_is_signed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(writer.root["/AcroForm"], writer, SigFlags=generic.NumberObject(2))

    assert_alarm(update(sign(paper()), edit), "FORM-CHANGED", visible=False)


def test_earlier_signatures_appearance_changed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(field_of(writer, "Ky"), writer, AP=form_of(writer, "0 1 0 RG 9 w 10 10 90 60 re S", 150, 80))

    data = update(sign(paper(), box=SEAL_BOX, style=SEAL), edit)
    assert_alarm(data, "EARLIER-SIGNATURE-CHANGED", visible=True)


def test_second_signature_removed_again() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        field = field_of(writer, "Ky")
        del field["/V"]
        writer.update_container(field)

    data = update(sign(sign(paper(), "Ky"), "Ky2"), edit)
    assert_alarm(data, "EARLIER-SIGNATURE-CHANGED", visible=False, field="Ky2")


def test_appearance_that_the_catalog_leads_to_as_well() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        field = field_of(writer, EMPTY)
        shared = writer.add_object(field["/AP"])
        field[pdf_name("/AP")] = shared
        writer.update_container(field)
        changed(writer.root, writer, FooBar=shared)

    assert_alarm(update(sign(update(paper(), prepare)), fill), "FIELD-APPEARANCE-CHANGED", visible=True)


def test_certification_after_a_signature() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        earlier = field_of(writer, "Ky").raw_get("/V")
        changed(writer.root, writer, Perms=generic.DictionaryObject({pdf_name("/DocMDP"): earlier}))

    assert_alarm(update(sign(paper()), edit), "CERTIFICATION-CHANGED", visible=False)


def test_field_written_into_the_list_itself() -> None:
    """A field that is no object of its own, which a comparison of objects would pass over."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        listed = writer.root["/AcroForm"]["/Fields"]
        entries = {"/FT": pdf_name("/Tx"), "/T": generic.pdf_string("so_tien"), "/V": generic.pdf_string("999")}
        listed.append(generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()}))
        writer.update_container(listed)

    assert_alarm(update(sign(paper()), edit), "FORM-CHANGED", visible=False)


def test_field_deeper_than_anybody_reads() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        below = writer.add_object(generic.DictionaryObject({pdf_name("/FT"): pdf_name("/Tx")}))
        for _ in range(60):
            kids = generic.ArrayObject([below])
            below = writer.add_object(generic.DictionaryObject({pdf_name("/Kids"): kids}))
        listed = writer.root["/AcroForm"]["/Fields"]
        listed.append(below)
        writer.update_container(listed)

    assert_alarm(update(sign(paper()), edit), "FORM-CHANGED", visible=False)
