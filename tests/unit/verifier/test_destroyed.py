"""A signature that was blanked, cut out or lost is never "nobody signed"; a field that waits for one is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, codes, environment, sign, verdicts
from tests.unit.verifier.test_signatures import updated
from verifier.report import Conclusion, Integrity, SubIndication

GONE = (Conclusion.INDETERMINATE, Conclusion.TOTAL_FAILED)


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign(blank_paper(), Signing(pki.holder("citizen"), "Ky"))


def padded(old: bytes, new: bytes) -> bytes:
    """The new text in as many bytes as the old."""
    assert len(new) <= len(old)
    return new + b" " * (len(old) - len(new))


def replaced(pattern: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        made, count = re.subn(pattern, lambda match: padded(match[0], new), data, flags=re.DOTALL)
        assert count
        return made

    return change


def zeros(data: bytes) -> bytes:
    return re.sub(rb"<[0-9a-fA-F]{400,}>", lambda match: b"<" + b"0" * (len(match[0]) - 2) + b">", data)


CONTENTS = rb"<[0-9a-fA-F]{400,}>"
RANGE = rb"/ByteRange ?\[[^\]]*\]"


@pytest.mark.parametrize(
    "change",
    [
        zeros,
        replaced(CONTENTS, b"<>"),
        replaced(CONTENTS, b"null"),
        replaced(CONTENTS, b""),
        replaced(CONTENTS, b"()"),
        replaced(rb"/Contents ?" + CONTENTS, b""),
        replaced(RANGE, b"/ByteRange []"),
        replaced(RANGE, b"/ByteRange null"),
        replaced(RANGE, b"/ByteRange [0 0 0 0]"),
        replaced(RANGE, b""),
        replaced(rb"/V \d+ 0 R", b"/V 9 9 R"),
        replaced(rb"/V \d+ 0 R", b"/V 5"),
        replaced(rb"/Type ?/Sig\b.*?endobj", b">>\nendobj"),
        lambda data: replaced(rb"/V \d+ 0 R", b"")(zeros(data)),
        lambda data: replaced(rb"/V \d+ 0 R", b"/V null")(replaced(RANGE, b"/ByteRange [0 0 0 0]")(data)),
    ],
)  # fmt: skip
def test_a_signature_that_was_blanked(pki: DemoPki, signed: bytes, change: Callable[[bytes], bytes]) -> None:
    report, judged = verdicts(change(signed), environment(pki))
    assert report.conclusion in GONE, report.findings
    loud = {finding.code for finding in report.findings} | {code for verdict in judged for code in codes(verdict)}
    assert loud & {
        "SIGNATURE-DESTROYED",
        "BYTE-RANGE-UNUSABLE",
        "BYTE-RANGE-GAP",
        "INTEGRITY-UNKNOWN",
        "INTEGRITY-BROKEN",
    }
    assert "NO-SIGNATURE" not in loud


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"Type": pdf_name("/Sig")},
        {"Type": pdf_name("/Sig"), "Contents": generic.ByteStringObject(b"")},
        {"Type": pdf_name("/Sig"), "Contents": generic.ByteStringObject(b" " * 200)},
        {"Type": pdf_name("/Sig"), "Contents": generic.ByteStringObject(b"\xff" * 200)},
        {"Type": pdf_name("/Sig"), "Contents": generic.NullObject()},
    ],
)
def test_an_emptied_dictionary_is_told_to_be_one(
    pki: DemoPki, signed: bytes, entries: dict[str, generic.PdfObject]
) -> None:
    """Not a signature of an unknown authority: nothing is left whose authority could be known."""

    def empty(pdf: IncrementalPdfFileWriter) -> None:
        reference = pdf.root["/AcroForm"]["/Fields"][0].get_object().raw_get("/V")
        old = reference.get_object()
        kept = {pdf_name("/ByteRange"): old.raw_get("/ByteRange")} if entries else {}
        made = {pdf_name(f"/{key}"): value for key, value in entries.items()}
        pdf.objects[(reference.generation, reference.idnum)] = generic.DictionaryObject({**kept, **made})

    report, judged = verdicts(updated(signed, empty), environment(pki))
    assert report.conclusion is Conclusion.INDETERMINATE
    assert dict(report.findings[0].parameters) == {"field": "Ky"}
    assert [finding.code for finding in report.findings] == ["SIGNATURE-DESTROYED"]
    assert not judged


def test_a_signature_removed_by_an_update(pki: DemoPki, signed: bytes) -> None:
    def remove(pdf: IncrementalPdfFileWriter) -> None:
        field = pdf.root["/AcroForm"]["/Fields"][0].get_object()
        number = field.raw_get("/V").idnum
        del field["/V"]
        pdf.update_container(field)
        nothing = generic.DictionaryObject({pdf_name("/Gone"): generic.BooleanObject(True)})
        nothing.container_ref = generic.Reference(number, 0, pdf)
        pdf.objects[(0, number)] = nothing

    report, _ = verdicts(updated(signed, remove), environment(pki))
    assert report.conclusion in GONE
    report, _ = verdicts(updated(zeros(signed), remove), environment(pki))
    assert report.conclusion in GONE


@pytest.mark.parametrize("compressed", [True, False])
def test_an_orphan_among_the_objects(pki: DemoPki, compressed: bool) -> None:
    mode = pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable
    with pikepdf.open(io.BytesIO(blank_paper())) as pdf:
        pdf.Root.Old = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite"))
        )
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=mode)
    report, _ = verdicts(out.getvalue(), environment(pki))
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "SIGNATURE-DESTROYED" in {finding.code for finding in report.findings}


def test_a_form_that_says_it_is_signed_and_has_no_field(pki: DemoPki) -> None:
    def flags(pdf: IncrementalPdfFileWriter) -> None:
        pdf.root["/AcroForm"] = generic.DictionaryObject(
            {pdf_name("/Fields"): generic.ArrayObject(), pdf_name("/SigFlags"): generic.NumberObject(3)}
        )
        pdf.update_root()

    def certified(pdf: IncrementalPdfFileWriter) -> None:
        pdf.root["/Perms"] = generic.DictionaryObject({pdf_name("/DocMDP"): generic.NullObject()})
        pdf.update_root()

    for change in (flags, certified):
        report, _ = verdicts(updated(blank_paper(), change), environment(pki))
        assert report.conclusion is Conclusion.INDETERMINATE


def test_a_place_prepared_for_a_signature_waits(pki: DemoPki, signed: bytes) -> None:
    """As node-signpdf prepares one: the byte range marked as not yet known."""
    waiting = replaced(RANGE, b"/ByteRange [0 /* /* /*]")(zeros(signed))
    report, _ = verdicts(waiting, environment(pki))
    assert report.conclusion is Conclusion.NO_SIGNATURE
    assert "SIGNATURE-PLACEHOLDER" in {finding.code for finding in report.findings}


def test_a_destroyed_signature_beside_a_good_one(pki: DemoPki, signed: bytes) -> None:
    twice = sign(signed, Signing(pki.holder("officer"), "Ky2"))
    head = twice[: len(signed)]
    report, _ = verdicts(head + zeros(twice[len(signed) :]), environment(pki))
    assert report.conclusion in GONE


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("orphan", [True, False])
def test_a_file_that_another_program_saved_again(pki: DemoPki, signed: bytes, compress: bool, orphan: bool) -> None:
    """Compressed, split or merged: still not valid, and nobody is said to have forged it."""
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        if orphan:
            pdf.Root.Old = pdf.Root.AcroForm.Fields[0].V
            del pdf.Root.AcroForm
            del pdf.pages[0].obj["/Annots"]
        out = io.BytesIO()
        mode = pikepdf.ObjectStreamMode.generate if compress else pikepdf.ObjectStreamMode.disable
        pdf.save(out, object_stream_mode=mode)
    report, judged = verdicts(out.getvalue(), environment(pki))
    assert report.conclusion in GONE
    if not judged:  # the dictionary is compressed and hangs nowhere: what it says cannot be tested
        assert "SIGNATURE-DESTROYED" in {finding.code for finding in report.findings}
        return
    assert (judged[0].facts.integrity, judged[0].sub_indication) == (Integrity.BROKEN, SubIndication.HASH_FAILURE)
    assert "RESAVED-AFTER-SIGNING" in codes(judged[0])
    assert not {"INTEGRITY-BROKEN", "COVERAGE-PARTIAL", "BYTE-RANGE-GAP", "SIGNATURE-OUTSIDE-FIELD"} & codes(judged[0])
