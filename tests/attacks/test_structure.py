"""Attacks on the file itself: bytes that are no update, two readings, the catalog, scripts, attachments, XFA."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import (
    assert_alarm,
    assert_no_alarm,
    assert_unknown,
    changed,
    codes_of,
    facts_of,
    field_of,
    listed_in,
    page_of,
    paper,
    sign,
    stream_of,
    update,
    with_validation_data,
)
from verifier.report import ChangesAfter, Coverage

FORGED = b"BT /F1 16 Tf 60 780 Td (Dieu 0 trang 1: so tien 999 trieu dong) Tj ET"
Edit = Callable[[IncrementalPdfFileWriter], None]


def _content_number(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return int(pdf.pages[0].obj.Contents.objgen[0])


def _root_number(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return int(pdf.Root.objgen[0])


def _forged_content(data: bytes) -> bytes:
    head = b"%d 0 obj\n<< /Length %d >>\nstream\n" % (_content_number(data), len(FORGED))
    return head + FORGED + b"\nendstream\nendobj\n"


@pytest.mark.parametrize("tail", [b"\n\n\n\n", b"\r\n\r\n", b"\x00" * 512])
def test_white_space_that_was_not_signed(tail: bytes) -> None:
    assert_alarm(sign(paper()) + tail, "TRAILING-BYTES", visible=False)


@pytest.mark.parametrize("tail", [b"% a comment\n", b"garbage\n%%EOF\n", b"\n1 0 obj\nnull\nendobj\n"])
def test_bytes_that_are_no_update(tail: bytes) -> None:
    assert_unknown(sign(paper()) + tail, "UPDATE-READ-IN-TWO-WAYS")


def test_objects_appended_without_a_cross_reference() -> None:
    signed = sign(paper())
    body = _forged_content(signed)
    trailer = b"xref\ntrailer\n<< /Root %d 0 R >>\nstartxref\n%d\n" % (_root_number(signed), len(signed) + len(body))
    facts = assert_alarm(signed + body + trailer, "UPDATE-READ-IN-TWO-WAYS", visible=None)
    assert "PAGE-CONTENT-CHANGED" in codes_of(facts)  # PDFium repairs it to the signed version


def test_update_that_leaves_the_signed_revision_out_of_its_chain() -> None:
    signed = sign(paper())
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        page = pdf.pages[0]
        page.Contents = pdf.make_stream(FORGED)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    body = out.getvalue()
    shift = len(signed)
    moved = re.sub(rb"(\d{10}) (\d{5}) n", lambda m: b"%010d %s n" % (int(m[1]) + shift, m[2]), body)
    moved = re.sub(rb"startxref\n(\d+)", lambda m: b"startxref\n%d" % (int(m[1]) + shift), moved)
    assert listed_in(signed + moved).coverage is Coverage.PARTIAL
    assert facts_of(signed + moved).changes_after is ChangesAfter.UNKNOWN


def test_startxref_that_points_back_into_the_signed_bytes() -> None:
    signed = sign(paper())
    back = re.findall(rb"startxref\s+(\d+)", signed)[-1]
    data = signed + _forged_content(signed) + b"startxref\n" + back + b"\n%%EOF\n"
    assert_unknown(data, "UPDATE-READ-IN-TWO-WAYS", "chain-of-sections")


def test_cross_reference_that_points_to_another_object() -> None:
    """The hide attack of the shadow collection: every reader repairs this in its own way."""
    signed = sign(paper())
    number = _content_number(signed)
    back = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    body = b"900 0 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n"
    table = len(signed) + len(body)
    data = (
        signed
        + body
        + (
            b"xref\n%d 1\n%010d 00000 n \n900 1\n%010d 00000 n \n" % (number, len(signed), len(signed))
            + b"trailer\n<< /Size 901 /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
            % (_root_number(signed), back, table)
        )
    )
    assert_alarm(data, "UPDATE-READ-IN-TWO-WAYS", visible=True)


def test_catalog_replaced_by_another() -> None:
    signed = sign(paper())
    back = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        pages, form = pdf.Root.Pages.objgen[0], pdf.Root.AcroForm.objgen[0]
    body = b"900 0 obj\n<< /Type /Catalog /Pages %d 0 R /AcroForm %d 0 R >>\nendobj\n" % (pages, form)
    data = (
        signed
        + body
        + (
            b"xref\n900 1\n%010d 00000 n \n" % len(signed)
            + b"trailer\n<< /Size 901 /Root 900 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
            % (back, len(signed) + len(body))
        )
    )
    assert_alarm(data, "CATALOG-CHANGED", visible=False)


def test_two_readers_that_count_different_numbers_of_pages() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(writer.root["/Pages"], writer, Count=generic.NumberObject(1))

    assert_alarm(update(sign(paper()), edit), "PARSERS-DISAGREE", visible=True)


def test_hybrid_update_that_old_readers_see_differently() -> None:
    """The table frees the content, the cross-reference stream beside it names a forged one (ISO 32000-2 §7.5.8.4)."""
    signed = sign(paper())
    number, root = _content_number(signed), _root_number(signed)
    back = int(re.findall(rb"startxref\s+(\d+)", signed)[-1])
    forged = _forged_content(signed)
    at = len(signed) + len(forged)
    entries = struct.pack(">BIH", 1, len(signed), 0) + struct.pack(">BIH", 1, at, 0)
    head = b"901 0 obj\n<< /Type /XRef /Size 902 /W [ 1 4 2 ] /Index [ %d 1 901 1 ] /Root %d 0 R /Length %d >>\n"
    stream = head % (number, root, len(entries)) + b"stream\n" + entries + b"\nendstream\nendobj\n"
    table = b"xref\n%d 1\n0000000000 00001 f \n" % number
    trailer = b"trailer\n<< /Size 902 /Root %d 0 R /Prev %d /XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n"
    data = signed + forged + stream + table + trailer % (root, back, at, at + len(stream))
    assert_alarm(data, "PAGE-CONTENT-CHANGED", visible=True)


def test_validation_data_removed() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/DSS"]
        writer.update_root()

    assert_alarm(update(sign(with_validation_data(paper())), edit), "VALIDATION-DATA-REMOVED", visible=False)


def _declaring(version: str, extensions: dict[str, tuple[str, int]]) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        entries = {
            pdf_name(f"/{prefix}"): generic.DictionaryObject(
                {
                    pdf_name("/BaseVersion"): pdf_name(f"/{base}"),
                    pdf_name("/ExtensionLevel"): generic.NumberObject(level),
                }
            )
            for prefix, (base, level) in extensions.items()
        }
        changed(writer.root, writer, Version=pdf_name(f"/{version}"), Extensions=generic.DictionaryObject(entries))

    return edit


_DECLARED = {"ESIC": ("1.7", 5)}


@pytest.mark.parametrize(
    ("version", "extensions"),
    [
        ("1.7", _DECLARED),
        ("2.0", {}),
        ("2.0", {"ESIC": ("1.7", 2)}),
        ("2.0", {"ESIC": ("1.6", 5)}),
        ("2.0", {"ADBE": ("1.7", 5)}),
    ],
)
def test_declared_version_or_extension_lowered(version: str, extensions: dict[str, tuple[str, int]]) -> None:
    signed = sign(update(paper(), _declaring("2.0", _DECLARED)))
    assert_alarm(update(signed, _declaring(version, extensions)), "EXTENSIONS-REMOVED", visible=False)


def test_declared_version_and_extensions_may_rise() -> None:
    signed = sign(update(paper(), _declaring("1.7", {"ESIC": ("1.7", 2)})))
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        kept = pdf.Root.Extensions.get("/ISO_")

    def raised(writer: IncrementalPdfFileWriter) -> None:
        declared = writer.root["/Extensions"]
        declared["/ESIC"][pdf_name("/ExtensionLevel")] = generic.NumberObject(5)
        changed(writer.root, writer, Version=pdf_name("/2.0"), Extensions=declared)

    assert kept is not None  # pyHanko declares what its own signature needs
    assert_no_alarm(update(signed, raised), ChangesAfter.EXTENSION)


def test_update_that_only_adds_objects_to_which_nothing_leads() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        writer.add_object(generic.DictionaryObject({pdf_name("/Later"): generic.NumberObject(1)}))

    assert_alarm(update(sign(paper()), edit), "OBJECTS-WITHOUT-USE", visible=False)


def _action(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    entries = {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.pdf_string("app.alert(1)")}
    return writer.add_object(generic.DictionaryObject(entries))


def _open_action(writer: IncrementalPdfFileWriter) -> None:
    changed(writer.root, writer, OpenAction=_action(writer))


def _page_action(writer: IncrementalPdfFileWriter) -> None:
    changed(page_of(writer), writer, AA=generic.DictionaryObject({pdf_name("/O"): _action(writer)}))


def _field_action(writer: IncrementalPdfFileWriter) -> None:
    changed(field_of(writer, "ghi_chu"), writer, AA=generic.DictionaryObject({pdf_name("/F"): _action(writer)}))


def _named(category: str) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        tree = generic.DictionaryObject(
            {pdf_name("/Names"): generic.ArrayObject([generic.pdf_string("a"), _action(writer)])}
        )
        changed(writer.root, writer, Names=generic.DictionaryObject({pdf_name(category): tree}))

    return edit


def _xfa(writer: IncrementalPdfFileWriter) -> None:
    changed(writer.root["/AcroForm"], writer, XFA=stream_of(writer, "<xdp/>"))


def _outline(writer: IncrementalPdfFileWriter) -> None:
    changed(writer.root, writer, PageMode=pdf_name("/UseAttachments"))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (_open_action, "SCRIPT-CHANGED"),
        (_page_action, "SCRIPT-CHANGED"),
        (_field_action, "SCRIPT-CHANGED"),
        (_named("/JavaScript"), "SCRIPT-CHANGED"),
        (_named("/EmbeddedFiles"), "EMBEDDED-FILES-CHANGED"),
        (_xfa, "XFA-CHANGED"),
        (_outline, "CATALOG-CHANGED"),
    ],
)
def test_what_no_page_shows(edit: Edit, code: str) -> None:
    assert_alarm(update(sign(paper()), edit), code, visible=False)
