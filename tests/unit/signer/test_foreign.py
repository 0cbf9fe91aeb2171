"""Three signatures that others made with pyHanko, in three forms and two regimes; then ours: all still pass, for us and
for pyHanko's own validation (issue 4)."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from api.i18n.texts import load_texts
from signer.preserve import preserve_document
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealLevel
from signer.sign import sign_document
from tests.unit.signer.sealing import Desk, now, signed_as
from verifier.report import ChangesAfter, Indication, SignatureKind


@pytest.fixture(scope="module")
def foreign(desk: Desk, paper: bytes) -> bytes:
    """A citizen (PAdES), a bank (PKCS#7, as Acrobat signs by default), an officer of another agency (visible)."""
    once = signed_as(paper, desk.key("citizen"), PdfSignatureMetadata("CongDan", subfilter=SigSeedSubFilter.PADES))
    twice = signed_as(
        once, desk.key("bank"), PdfSignatureMetadata("NganHang", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(twice))
    append_signature_field(writer, SigFieldSpec("PhoGiamDoc", box=(40, 40, 160, 90)))
    output = io.BytesIO()
    writer.write(output)
    metadata = PdfSignatureMetadata("PhoGiamDoc", subfilter=SigSeedSubFilter.PADES)
    return signed_as(output.getvalue(), desk.key("deputy"), metadata)


def judged_by_pyhanko(desk: Desk, document: bytes) -> list[ModificationLevel]:
    """pyHanko's word on every signature and stamp: intact, valid, trusted; what was changed after each."""
    authorities = desk.pki.authorities
    roots = [authorities[slug].asn1 for slug in ("public-root", "official-root")]
    others = [one.asn1 for slug, one in authorities.items() if slug not in ("public-root", "official-root")]

    def context() -> ValidationContext:
        # without revocation: pyHanko drops CRLs whose distribution point names a cRLIssuer (divergence 5)
        return ValidationContext(
            trust_roots=roots, other_certs=others, revocation_mode="soft-fail", allow_fetching=False
        )

    reader = PdfFileReader(io.BytesIO(document))
    levels = []
    for signature in reader.embedded_regular_signatures:
        status = validate_pdf_signature(signature, context(), ts_validation_context=context())
        assert status.bottom_line, status.pretty_print_details()
        assert status.trusted and status.intact and status.valid
        assert status.modification_level is not None
        levels.append(status.modification_level)
    for stamp in reader.embedded_timestamp_signatures:
        judged = validate_pdf_timestamp(stamp, context())
        assert judged.intact and judged.valid and judged.trusted
    return levels


@pytest.mark.parametrize("level", [SealLevel.B_B, SealLevel.B_LTA])
def test_three_foreign_signatures_then_person_and_agency(level: SealLevel, desk: Desk, foreign: bytes) -> None:
    signed = sign_document(desk.request(foreign, level), desk.environment, now())
    assert signed.data.startswith(foreign)
    judged = [one for one in signed.report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]
    assert [one.indication for one in judged] == [Indication.TOTAL_PASSED] * 5
    assert ChangesAfter.SUSPICIOUS not in {one.facts.changes_after for one in judged}
    levels = judged_by_pyhanko(desk, signed.data)
    assert len(levels) == 5
    assert ModificationLevel.OTHER not in levels


def test_three_foreign_signatures_one_of_them_authorised_then_the_agency_alone(desk: Desk, foreign: bytes) -> None:
    """All four pass, and still do after the result was raised."""
    authorised = frozenset({desk.key("deputy").certificate.sha256.hex()})
    request = desk.request(foreign, steps=(desk.agency(),), authorised=authorised)
    signed = sign_document(request, desk.environment, now())
    raised = preserve_document(signed.data, SealLevel.B_T, desk.environment, now())
    for document in (signed, raised):
        judged = [one for one in document.report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]
        assert [one.indication for one in judged] == [Indication.TOTAL_PASSED] * 4
        assert len(judged_by_pyhanko(desk, document.data)) == 4


def test_a_file_damaged_among_its_signatures_is_refused_with_the_way_out(desk: Desk, foreign: bytes) -> None:
    request = desk.request(foreign)
    with pikepdf.open(io.BytesIO(foreign)) as opened:
        output = io.BytesIO()
        opened.save(output)  # saved anew by a program that knows no signatures: all of them are broken
    cut, flipped = foreign[: len(foreign) * 2 // 3], bytearray(foreign)
    flipped[len(foreign) // 3] ^= 0x20
    for document in (output.getvalue(), cut, bytes(flipped)):
        with pytest.raises(SealRefused) as refused:
            sign_document(replace(request, document=document), desk.environment, now())
        assert refused.value.code in (RefusalCode.EARLIER_SIGNATURE_NOT_PASSED, RefusalCode.DOCUMENT_UNREADABLE)


def test_a_hybrid_file_is_refused_with_the_way_out(desk: Desk) -> None:
    """Two cross-reference tables in one file: programs may show two documents."""
    with pytest.raises(SealRefused) as refused:
        sign_document(desk.request(hybrid()), desk.environment, now())
    assert refused.value.code is RefusalCode.DOCUMENT_HYBRID
    assert "in lại văn bản ra PDF" in load_texts().say("DOCUMENT-HYBRID", "vi")


def hybrid() -> bytes:
    """An empty page whose trailer names a cross-reference stream beside the table (ISO 32000-2 7.5.8.4)."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    stream = len(data)
    entry = b"\x01" + stream.to_bytes(4, "big") + b"\x00"
    head = b"<</Type/XRef/Size 5/W[1 4 1]/Index[4 1]/Root 1 0 R/Length %d>>" % len(entry)
    data += b"4 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (head, entry)
    table = len(data)
    lines = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"xref\n0 4\n0000000000 65535 f \n" + lines
    return data + b"trailer\n<</Size 5/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (stream, table)
