"""Which signatures a file holds: in fields, in several, outside any, in files that only a repair opens."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import time
from collections.abc import Callable

import pikepdf
import pytest
from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.unit.verifier.cms_maker import Make, embed, make_cms
from tests.unit.verifier.signing import Signing, blank_paper, codes, environment, now, sign, verdicts
from verifier.pdf.reading import open_pdf
from verifier.pdf.recovery import find_in_bytes
from verifier.pdf.signatures import Listing, list_signatures
from verifier.policy import load_policy
from verifier.report import ChangesAfter, Conclusion, Coverage, Integrity, SignatureKind, SubIndication
from verifier.verify import VerificationInput, verify_document

LIMIT = load_policy().max_signatures


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign(blank_paper(), Signing(pki.holder("citizen"), "Ô ký 1"))


def listing(document: bytes) -> Listing:
    return list_signatures(open_pdf(document, None), LIMIT)


def updated(document: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Another revision with this change."""
    pdf = IncrementalPdfFileWriter(io.BytesIO(document), strict=False)
    change(pdf)
    output = io.BytesIO()
    pdf.write(output)
    return output.getvalue()


def test_a_signature_as_it_stands_in_the_file(signed: bytes) -> None:
    (entry,) = listing(signed).signatures
    assert (entry.field, entry.kind, entry.subfilter) == ("Ô ký 1", SignatureKind.SIGNATURE, "ETSI.CAdES.detached")
    assert entry.coverage is Coverage.WHOLE_FILE
    assert entry.contents_start is not None
    assert signed[entry.contents_start : entry.contents_start + 3] == b"<30"
    assert type(entry.field) is str
    assert all(type(text) is str for text in entry.dictionary.values())


def test_an_empty_field_is_no_signature(pki: DemoPki) -> None:
    document = updated(blank_paper(), lambda pdf: append_signature_field(pdf, SigFieldSpec("Trống")))
    assert listing(document) == Listing(())
    report, _ = verdicts(document, environment(pki))
    assert report.conclusion is Conclusion.NO_SIGNATURE


def test_zeros_under_a_measured_byte_range_are_a_signature_that_was_blanked() -> None:
    """What waits to be signed marks its byte range as not yet known (``test_destroyed.py``)."""
    document = embed(blank_paper(), lambda _: bytes(100), "ETSI.CAdES.detached")
    found = listing(document)
    assert found.signatures == ()
    assert [finding.code for finding in found.findings] == ["SIGNATURE-DESTROYED"]


def test_too_many_signatures_are_not_all_passed(pki: DemoPki, signed: bytes) -> None:
    twice = sign(signed, Signing(pki.holder("officer"), "Ký thêm"))
    known = environment(pki)
    report, judged = verdicts(
        twice, dataclasses.replace(known, policy=dataclasses.replace(known.policy, max_signatures=1))
    )
    assert [verdict.indication for verdict in judged] != []
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "TOO-MANY-SIGNATURES" in {finding.code for finding in report.findings}
    report, judged = verdicts(
        twice, dataclasses.replace(known, policy=dataclasses.replace(known.policy, max_signatures=2))
    )
    assert (report.conclusion, len(judged)) == (Conclusion.TOTAL_PASSED, 2)


def test_one_dictionary_in_two_fields_is_one_signature(pki: DemoPki, signed: bytes) -> None:
    def second_field(pdf: IncrementalPdfFileWriter) -> None:
        fields = pdf.root["/AcroForm"]["/Fields"]
        first = fields[0].get_object()
        copy = {
            pdf_name("/FT"): pdf_name("/Sig"),
            pdf_name("/T"): generic.pdf_string("B"),
            pdf_name("/V"): first.raw_get("/V"),
        }
        fields.append(pdf.add_object(generic.DictionaryObject(copy)))
        pdf.mark_update(pdf.root["/AcroForm"].container_ref)
        pdf.update_root()

    (entry,) = listing(updated(signed, second_field)).signatures
    assert len(entry.field_refs) == 2
    assert "SIGNATURE-IN-SEVERAL-FIELDS" in [finding.code for finding in entry.findings]


def test_a_signature_whose_field_was_removed_is_not_unsigned(pki: DemoPki, signed: bytes) -> None:
    def remove(pdf: IncrementalPdfFileWriter) -> None:
        del pdf.root["/AcroForm"]
        pdf.update_root()

    report, (verdict,) = verdicts(updated(signed, remove), environment(pki))
    assert verdict.facts.field is not None  # the page still names it
    assert "FIELD-REMOVED" in codes(verdict)
    assert report.conclusion not in (Conclusion.NO_SIGNATURE, Conclusion.TOTAL_PASSED)


def test_long_decoys_neither_cost_nor_hide() -> None:
    """A hundred byte ranges before 20 MB of half entries took 33 s; a signature behind them is still listed."""
    decoys = b"1 0 obj << /Contents <00>" + b"/ByteRange [0 1 2 3] " * 100 + b"/M (" * 5_000_000 + b" endobj "
    started = time.process_time()
    found = find_in_bytes(decoys + b"7 0 obj << /Type /Sig /ByteRange [0 9 12 20] /Contents <ab> >> endobj")
    assert time.process_time() - started < 8
    assert found[-1].object_ref == (7, 0)


def test_usage_rights_are_nobodys_signature(pki: DemoPki) -> None:
    def grant(pdf: IncrementalPdfFileWriter) -> None:
        reference = generic.DictionaryObject({pdf_name("/TransformMethod"): pdf_name("/UR3")})
        rights = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Sig"),
                pdf_name("/SubFilter"): pdf_name("/adbe.pkcs7.detached"),
                pdf_name("/ByteRange"): generic.ArrayObject(generic.NumberObject(n) for n in (0, 10, 20, 10)),
                pdf_name("/Contents"): generic.ByteStringObject(b"\x30\x01\x02"),
                pdf_name("/Reference"): generic.ArrayObject([reference]),
            }
        )
        pdf.root["/Perms"] = generic.DictionaryObject({pdf_name("/UR3"): pdf.add_object(rights)})
        pdf.update_root()

    report, none = verdicts(updated(blank_paper(), grant), environment(pki))
    assert (report.conclusion, none) == (Conclusion.NO_SIGNATURE, ())
    assert "USAGE-RIGHTS" in {finding.code for finding in report.findings}


def test_a_signed_file_inside_another_is_not_its_signature(signed: bytes) -> None:
    """An attachment kept uncompressed: its byte range is not about this file."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(100, 100))
    stream = document.make_stream(b"x" * 100 + signed)
    document.Root.Attached = stream
    output = io.BytesIO()
    document.save(output, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    found = listing(output.getvalue())
    assert found.signatures == ()
    assert [finding.code for finding in found.findings] == ["SIGNATURE-DICTIONARY-STRAY"]


def test_a_file_that_only_a_repair_opens_is_still_judged(pki: DemoPki, signed: bytes) -> None:
    """The last cross-reference offset is overwritten: pyHanko cannot open it, qpdf rebuilds the table."""
    damaged = re.sub(rb"startxref\s+\d+(?=\s+%%EOF\s*\Z)", b"startxref\n99999999", signed)
    report, (verdict,) = verdicts(damaged, environment(pki))
    assert "STRUCTURE-DAMAGED" in {finding.code for finding in report.findings}
    assert verdict.facts.field == "Ô ký 1"
    assert verdict.facts.integrity is Integrity.BROKEN
    assert report.conclusion is Conclusion.TOTAL_FAILED


def test_a_file_cut_off_is_unreadable_or_says_so(pki: DemoPki, signed: bytes) -> None:
    for share in (0.1, 0.3, 0.6, 0.9):
        cut = signed[: int(len(signed) * share)]
        report, _ = verdicts(cut, environment(pki))
        assert report.conclusion not in (Conclusion.TOTAL_PASSED,)
        assert report.findings


def test_the_number_of_signatures_is_limited(pki: DemoPki, signed: bytes) -> None:
    document = sign(signed, Signing(pki.holder("citizen"), "Ô ký 2"))
    found = list_signatures(open_pdf(document, None), 1)
    assert len(found.signatures) == 1
    assert "TOO-MANY-SIGNATURES" in [finding.code for finding in found.findings]


def test_x509_rsa_sha1_is_a_signature_too(pki: DemoPki) -> None:
    """The certificate stands in the dictionary; without it nothing can be computed, and that is said."""
    holder = pki.holder("citizen")
    document = embed(blank_paper(), lambda covered: _pkcs1(holder, covered), "adbe.x509.rsa_sha1")
    _, (verdict,) = verdicts(document, environment(pki))
    assert verdict.facts.integrity is Integrity.UNKNOWN
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE


def test_names_of_nested_fields_are_joined_and_cycles_end(pki: DemoPki, signed: bytes) -> None:
    def nest(pdf: IncrementalPdfFileWriter) -> None:
        form = pdf.root["/AcroForm"]
        child = form["/Fields"][0]
        parent = pdf.add_object(generic.DictionaryObject({pdf_name("/T"): generic.pdf_string("Phần A")}))
        kids = generic.ArrayObject([child, parent])
        parent.get_object()["/Kids"] = kids
        form["/Fields"] = generic.ArrayObject([parent])
        pdf.mark_update(form.container_ref)
        pdf.update_root()

    (entry,) = listing(updated(signed, nest)).signatures
    assert entry.field == "Phần A.Ô ký 1"


def test_the_sub_filter_decides_what_is_a_time_stamp(pki: DemoPki) -> None:
    """A token under ``/Type /Sig`` is a document time stamp all the same."""
    holder = pki.holder("tsa-official")

    def build(covered: bytes) -> bytes:
        return make_cms(Make(holder, encapsulated=hashlib.sha256(covered).digest()), covered)

    _, (verdict,) = verdicts(embed(blank_paper(), build, "ETSI.RFC3161"), environment(pki))
    assert verdict.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP
    assert "TIMESTAMP-UNREADABLE" in codes(verdict)
    assert verdict.facts.changes_after is ChangesAfter.NONE


def test_hostile_bytes_never_raise(pki: DemoPki, signed: bytes) -> None:
    """Every structure replaced by nonsense, one at a time."""
    for word in (b"/AcroForm", b"/Fields", b"/ByteRange", b"/Contents", b"/Pages", b"/Root", b"/Kids", b"/V "):
        for nonsense in (b"/X", b"null", b"((((", b"<<<<", b"]]]]", b"99999999999999999999 0 R"):
            document = signed.replace(word, nonsense.ljust(len(word))[: max(len(word), len(nonsense))])
            report = verify_document(VerificationInput(document), environment(pki, ()), now())
            assert report.conclusion is not Conclusion.TOTAL_PASSED


def _pkcs1(holder: Holder, covered: bytes) -> bytes:
    key = holder.key
    assert isinstance(key, rsa.RSAPrivateKey)
    return bytes(core.OctetString(key.sign(covered, padding.PKCS1v15(), hashes.SHA1())).dump())
