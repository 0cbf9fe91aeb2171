"""The controls: what honest people do to a signed paper raises no alarm."""

from __future__ import annotations

import io
import re
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
    field_of,
    form_of,
    listed_in,
    paper,
    sign,
    time_stamped,
    update,
    with_validation_data,
)
from verifier.changes.revisions import DocumentHistory, analyse_changes
from verifier.report import ChangesAfter, Severity


def fill(writer: IncrementalPdfFileWriter) -> None:
    appearance = form_of(writer, "BT /F1 12 Tf 2 5 Td (Da nhan du) Tj ET", 240, 20)
    changed(field_of(writer, EMPTY), writer, V=generic.pdf_string("Da nhan du"), AP=appearance)


def test_nothing_after_the_signature_is_nothing() -> None:
    assert_no_alarm(sign(paper()), ChangesAfter.NONE)


def test_one_line_end_after_the_signature_is_nothing() -> None:
    assert_no_alarm(sign(paper()) + b"\r\n", ChangesAfter.NONE)


def test_a_plain_signed_file_costs_no_reading_and_no_drawing() -> None:
    data = sign(paper())
    listed = listed_in(data)
    history = DocumentHistory(data)
    analyse_changes(history, listed)
    assert history._objects is None
    assert history._pictures is None


def test_validation_data_and_a_time_stamp_extend_the_signature() -> None:
    data = time_stamped(with_validation_data(sign(paper())))
    assert_no_alarm(data, ChangesAfter.EXTENSION)
    assert_no_alarm(time_stamped(with_validation_data(data)), ChangesAfter.EXTENSION)


def test_a_time_stamp_after_a_certification_that_forbids_everything_extends_it() -> None:
    data = sign(paper(), certify=fields.MDPPerm.NO_CHANGES)
    assert_no_alarm(time_stamped(with_validation_data(data)), ChangesAfter.EXTENSION)


def test_a_second_signature_is_permitted() -> None:
    assert_no_alarm(sign(sign(paper()), "Ky2"), ChangesAfter.PERMITTED)


def test_a_seal_inside_the_later_signatures_own_field_is_permitted() -> None:
    assert_no_alarm(sign(sign(paper()), "Dau", SEAL_BOX, SEAL), ChangesAfter.PERMITTED)


def test_an_empty_signature_field_of_a_certified_form_may_be_signed() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        fields.append_signature_field(writer, fields.SigFieldSpec("Dau", box=SEAL_BOX, on_page=0))

    data = sign(update(paper(), prepare), certify=fields.MDPPerm.FILL_FORMS)
    assert_no_alarm(sign(data, "Dau", style=SEAL, existing=True), ChangesAfter.PERMITTED)


@pytest.mark.parametrize("certify", [None, fields.MDPPerm.FILL_FORMS, fields.MDPPerm.ANNOTATE])
def test_an_empty_field_may_be_filled(certify: fields.MDPPerm | None) -> None:
    facts = assert_no_alarm(update(sign(paper(), certify=certify), fill), ChangesAfter.PERMITTED)
    assert [finding.severity for finding in facts.findings if finding.code == "FIELD-FILLED-LATER"] == [
        Severity.WARNING
    ]


def test_a_lock_of_other_fields_does_not_forbid_filling_this_one() -> None:
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, [FILLED])
    assert_no_alarm(update(sign(paper(), lock=lock), fill), ChangesAfter.PERMITTED)


def test_new_metadata_extend_the_signature() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        writer.set_info(generic.DictionaryObject({pdf_name("/Title"): generic.pdf_string("Don de nghi")}))

    assert_no_alarm(update(sign(paper()), edit), ChangesAfter.EXTENSION)


def test_a_page_written_again_with_its_numbers_in_another_form_is_no_change() -> None:
    signed = sign(paper())
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        number = pdf.pages[0].obj.objgen[0]
        written = pdf.pages[0].obj.unparse(resolved=True)
    back = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    again = written.replace(b"595 842 ]", b"595.000 842.0 ]").replace(b"[ 0 0 ", b"[ 0.0 .00 ")
    assert again != written
    body = b"%d 0 obj\n%s\nendobj\n" % (number, again)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, len(signed))
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\n" % (len(pdf.objects) + 1, pdf.Root.objgen[0], back)
    end = b"startxref\n%d\n%%%%EOF\n" % (len(signed) + len(body))
    assert_no_alarm(signed + body + table + trailer + end, ChangesAfter.EXTENSION)


def test_strings_written_again_in_another_encoding_are_no_change() -> None:
    def prepare(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OutputIntents = pikepdf.Array([pikepdf.Dictionary(S=pikepdf.Name.GTS_PDFA1, Info=pikepdf.String("x"))])

    def edit(said: bytes) -> Callable[[IncrementalPdfFileWriter], None]:
        def write(writer: IncrementalPdfFileWriter) -> None:
            changed(writer.root["/OutputIntents"][0], writer, Info=generic.ByteStringObject(said))

        return write

    utf16 = "sRGB (1)".encode("utf-16-be")
    signed = sign(update(paper(prepare=prepare), edit(b"\xfe\xff" + utf16)))
    assert_no_alarm(update(signed, edit(b"sRGB (1)")), ChangesAfter.EXTENSION)
    assert_alarm(update(signed, edit(b"sRGB (2)")), "CATALOG-CHANGED", visible=False)
    assert_alarm(update(signed, edit(utf16)), "CATALOG-CHANGED", visible=False)


def test_objects_beyond_the_limit_are_unknown() -> None:
    data = time_stamped(with_validation_data(sign(paper())))
    with DocumentHistory(data, objects_left=1) as history:
        facts = analyse_changes(history, listed_in(data))
    assert facts.changes_after is ChangesAfter.UNKNOWN
    assert [(f.code, dict(f.parameters).get("pages")) for f in facts.findings] == [
        ("CHANGE-ANALYSIS-FAILED", None),
        ("PAGES-NOT-COMPARED", "1–2"),
    ]


def test_pages_beyond_the_limit_are_unknown_and_named() -> None:
    data = sign(sign(paper(pages=4)), "Dau", SEAL_BOX, SEAL)
    with DocumentHistory(data, pixels_left=1) as history:
        facts = analyse_changes(history, listed_in(data))
    assert (facts.changes_after, facts.visible) == (ChangesAfter.UNKNOWN, None)
    assert [(f.code, f.parameters) for f in facts.findings] == [("PAGES-NOT-COMPARED", (("pages", "1"),))]


def test_only_pages_that_an_update_can_have_touched_are_drawn() -> None:
    data = sign(sign(paper(pages=4)), "Ky2")
    with DocumentHistory(data, pixels_left=2 * 595 * 842) as history:
        facts = analyse_changes(history, listed_in(data))
        assert history.pixels_left == 0
    assert (facts.changes_after, facts.visible) == (ChangesAfter.PERMITTED, False)


@pytest.mark.parametrize("extra", [b"", b"/DocChecksum /0123ABCD"])
def test_an_update_without_objects_is_no_change(extra: bytes) -> None:
    signed = sign(paper())
    back = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        entries = (len(pdf.objects) + 1, pdf.Root.objgen[0], back, extra)
    trailer = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size %d /Root %d 0 R /Prev %d %s >>\n" % entries
    assert_no_alarm(signed + trailer + b"startxref\n%d\n%%%%EOF\n" % len(signed), ChangesAfter.EXTENSION)
