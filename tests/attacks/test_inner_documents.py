"""A document inside an attached signature: what its own signatures are worth is told, and it is what is shown."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from asn1crypto import crl, ocsp, tsp

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.pki import statements
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import (
    Signing,
    append_page_change,
    blank_paper,
    codes,
    judge,
    only,
    sign,
    without_status,
)
from tests.unit.verifier.test_formats import office
from tests.unit.verifier.xml_maker import INVOICE, XmlMake, sign_xml, stamp
from verifier.inputs import Environment
from verifier.pdf.coverage import covered_bytes
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.report import Conclusion, DocumentFormat, Finding, Severity, SubIndication, ValidationReport


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def company(pki: DemoPki) -> Holder:
    return pki.holder("company")


def around(content: bytes, holder: Holder, times: int = 1) -> bytes:
    for _ in range(times):
        content = make_cms(Make(holder, encapsulated=content), b"")
    return content


def inner(report: ValidationReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.code.startswith("INNER-DOCUMENT-")]


def test_a_signed_paper_inside_is_judged_too(pki: DemoPki, company: Holder, environment: Environment) -> None:
    paper = sign(blank_paper(3), Signing(pki.holder("citizen")))
    report = judge(around(paper, company), environment)
    assert (report.format, report.conclusion, report.pages) == (DocumentFormat.CMS, Conclusion.TOTAL_PASSED, 3)
    (told,) = inner(report)
    assert (told.code, told.severity) == ("INNER-DOCUMENT-PASSED", Severity.INFO)
    assert dict(told.parameters)["signers"] == "Nguyễn Văn Mẫu"


def test_a_paper_that_nobody_signed_inside_has_pages_and_nothing_else(
    company: Holder, environment: Environment
) -> None:
    report = judge(around(blank_paper(2), company), environment)
    assert (report.conclusion, report.pages, inner(report)) == (Conclusion.TOTAL_PASSED, 2, [])


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_paper_inside_that_was_changed_after_it_was_signed(
    times: int, pki: DemoPki, company: Holder, environment: Environment
) -> None:
    paper = append_page_change(sign(blank_paper(), Signing(pki.holder("citizen"))))
    report = judge(around(paper, company, times), environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "INNER-DOCUMENT-CHANGED" in {finding.code for finding in inner(report)}
    assert report.verdicts[0].sub_indication is None, "the signature around it holds"
    assert report.pages == 1


def test_a_broken_and_an_unknown_signature_inside(pki: DemoPki, company: Holder, environment: Environment) -> None:
    invoice = sign_xml(INVOICE, XmlMake(company))
    broken = invoice.replace(b"9200000", b"9200001", 1)
    assert broken != invoice
    stranger = sign(blank_paper(), Signing(pki.holder("stranger")))
    for content, code in (
        (invoice, "INNER-DOCUMENT-PASSED"),
        (broken, "INNER-DOCUMENT-FAILED"),
        (stranger, "INNER-DOCUMENT-INDETERMINATE"),
        (around(b"Don", pki.holder("stranger")), "INNER-DOCUMENT-INDETERMINATE"),
        (around(b"Don", pki.holder("citizen")), "INNER-DOCUMENT-PASSED"),
    ):
        report = judge(around(content, company), environment)
        assert [finding.code for finding in inner(report)] == [code]
        assert (report.conclusion is Conclusion.TOTAL_PASSED) is (code == "INNER-DOCUMENT-PASSED")


def test_what_cannot_be_looked_at_inside_is_said(company: Holder, environment: Environment) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(blank_paper())) as document:
        document.save(locked, encryption=pikepdf.Encryption(user="x", owner="y"))
    for content in (office(), locked.getvalue()):
        report = judge(around(content, company), environment)
        assert [finding.code for finding in inner(report)] == ["INNER-DOCUMENT-NOT-CHECKED"]
        assert report.conclusion is Conclusion.TOTAL_PASSED


def test_words_and_pictures_inside_are_content(company: Holder, environment: Environment) -> None:
    for content in (b"Kinh gui", b"\x89PNG\r\n\x1a\n", b"", b"\x00" * 9):
        report = judge(around(content, company), environment)
        assert (report.conclusion, inner(report)) == (Conclusion.TOTAL_PASSED, [])


def test_two_documents_inside_are_two_documents(company: Holder, environment: Environment) -> None:
    report = judge(around(b"GIF89a;" + blank_paper(), company), environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "TWO-FORMATS" in {finding.code for finding in report.findings}


def test_a_document_in_more_files_than_are_looked_into(company: Holder, environment: Environment) -> None:
    report = judge(around(b"Don", company, 9), environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "INNER-DOCUMENT-NOT-CHECKED" in {finding.code for finding in report.findings}


class TestForeignContent:
    """What other protocols sign, shown as a document: the value verifies, and nobody signed a document."""

    def messages(self, pki: DemoPki) -> dict[str, bytes]:
        paper = sign(blank_paper(), Signing(pki.holder("citizen")))
        (listed,) = list_signatures(open_pdf(paper, None), 5).signatures
        invoice = sign_xml(INVOICE, XmlMake(pki.holder("company")))
        info = invoice[invoice.index(b"<SignedInfo") : invoice.index(b"</SignedInfo>") + 13]
        token: Any = tsp.ContentInfo.load(stamp(pki.holder("tsa-public"), pki.made_at, b"x"))
        certificate = pki.holder("citizen").asn1
        list_ = crl.CertificateList.load(statements.crl(pki))
        answer = ocsp.OCSPResponse.load(statements.response(pki)).basic_ocsp_response
        return {
            "byte range of a PDF": b"".join(bytes(piece) for piece in covered_bytes(paper, listed.byte_range)),
            "SignedInfo": info,
            "TSTInfo": token["content"]["encap_content_info"]["content"].parsed.dump(),
            "certificate": certificate["tbs_certificate"].dump(),
            "CRL": list_["tbs_cert_list"].dump(),
            "OCSP": answer["tbs_response_data"].dump(),
        }

    @pytest.mark.parametrize("with_attributes", [True, False])
    def test_no_document(self, with_attributes: bool, pki: DemoPki, company: Holder, environment: Environment) -> None:
        for name, message in self.messages(pki).items():
            made = make_cms(Make(company, encapsulated=message, with_attributes=with_attributes), b"")
            verdict = only(made, environment)
            assert verdict.sub_indication is SubIndication.FORMAT_FAILURE, name
            assert "CONTENT-OF-ANOTHER-PROTOCOL" in codes(verdict), name
            beside = only(make_cms(Make(company), message), environment, content=message)
            assert "CONTENT-OF-ANOTHER-PROTOCOL" in codes(beside), name

    def test_a_signed_pdf_is_one(self, pki: DemoPki, company: Holder, environment: Environment) -> None:
        paper = sign(sign(blank_paper(), Signing(pki.holder("citizen"))), Signing(company, "Signature2"))
        assert only(around(paper, company), environment).sub_indication is None
        letter = b"/ByteRange [0 10 20 15] and so on"
        assert only(around(letter, company), environment).sub_indication is None

    def test_a_time_stamp_as_a_file_is_no_signature_of_a_document(self, pki: DemoPki, environment: Environment) -> None:
        verdict = only(stamp(pki.holder("tsa-public"), pki.made_at, b"x"), environment)
        assert "CONTENT-OF-ANOTHER-PROTOCOL" in codes(verdict)
        assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
