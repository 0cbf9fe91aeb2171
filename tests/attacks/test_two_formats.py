"""One file that is two documents: each pair of formats that programs open, and every place where nobody signs."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pikepdf
import pytest
from asn1crypto import cms, core, pem

from demo.issuing import Holder
from demo.pki import DemoPki
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
from tests.unit.verifier.xml_maker import INVOICE, XmlMake, sign_xml
from verifier.formats import sniff
from verifier.inputs import Environment
from verifier.report import Conclusion, Integrity, SubIndication

LETTER = b"Kinh gui So Tai nguyen va Moi truong"


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


def archive() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as zipped:
        zipped.writestr("word/document.xml", b"<w/>")
    return output.getvalue()


def without_xref() -> bytes:
    """Objects and a trailer that viewers find by repair alone."""
    body = blank_paper()
    return body[: body.rindex(b"xref\n")] if b"xref\n" in body else body


PDF = blank_paper()
SHOWN = {
    "pdf": PDF,
    "pdf without header": PDF[PDF.index(b"\n") :],
    "pdf update": append_page_change(PDF)[len(PDF) :],
    "object with comments": b"\n4%a\n0%b\nobj\n<< >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n",
    "object after signs": b"\n4 +0 obj<</Type/Page>>",
    "an older end": b"\nstartxref\n9\n%%EOF\n",
    "a trailer alone": b"\ntrailer<</Root 9 0 R>>",
    "html": b"<html><body>So tien: 9.000.000</body></html>",
    "script": b"<ScRiPt>document.write(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "zip": archive(),
    "a heading": b"<h1>So tien: 9.000.000</h1>",
    "a paragraph": b"<p class=x>So tien: 9.000.000",
    "a table": b"<table><tr><td>9.000.000</td></tr></table>",
    "math": b"<math><mtext>9.000.000</mtext></math>",
    "rar": b"Rar!\x1a\x07\x01\x00 ...",
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04 ...",
}


def signed_data(data: bytes) -> Any:
    return cms.ContentInfo.load(data)["content"]


def file_of(data: Any) -> bytes:
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": data.copy()}).dump(force=True))


def in_attribute(made: bytes, shown: bytes) -> bytes:
    data = signed_data(made)
    odd = cms.CMSAttribute({"type": "1.2.3.4.5", "values": [core.OctetString(shown)]})
    data["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([odd])
    return file_of(data)


def among_certificates(made: bytes, shown: bytes) -> bytes:
    data = signed_data(made)
    other = cms.OtherCertificateFormat(
        {"other_cert_format": "1.2.3.4", "other_cert": core.Any(core.OctetString(shown))}
    )
    data["certificates"].append(cms.CertificateChoices({"other": other}))
    return file_of(data)


def among_digests(made: bytes, shown: bytes) -> bytes:
    """Before the content, so that the header of a PDF stands near the start of the file."""
    data = signed_data(made)
    algorithm = core.Sequence(contents=core.ObjectIdentifier("1.2.3.4").dump() + core.OctetString(shown).dump())
    info = cms.ContentInfo.load(made)
    names = ("encap_content_info", "certificates", "signer_infos")
    known = data["digest_algorithms"].contents
    digests = core.Asn1Value(class_=0, tag=17, method=1, contents=known + algorithm.dump()).dump()
    inner = data["version"].dump() + digests + b"".join(data[name].dump() for name in names)
    content = core.Asn1Value(class_=0, tag=16, method=1, contents=inner).dump()
    explicit = core.Asn1Value(class_=2, tag=0, method=1, contents=content).dump()
    whole = info["content_type"].dump() + explicit
    return bytes(core.Asn1Value(class_=0, tag=16, method=1, contents=whole).dump())


def behind(made: bytes, shown: bytes) -> bytes:
    return made + shown


PLACES = [in_attribute, among_certificates, among_digests, behind]


@pytest.mark.parametrize("place", PLACES, ids=[place.__name__ for place in PLACES])
@pytest.mark.parametrize("kind", SHOWN)
@pytest.mark.parametrize("content", [LETTER, PDF], ids=["letter", "pdf"])
def test_what_nobody_signed_in_a_cms_file(
    place: Any, kind: str, content: bytes, citizen: Holder, environment: Environment
) -> None:
    made = make_cms(Make(citizen, encapsulated=content), b"")
    report = judge(place(made, SHOWN[kind]), environment)
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    (verdict,) = report.verdicts
    assert verdict.facts.integrity is Integrity.INTACT, "else this test shows nothing"
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert "TWO-FORMATS" in {finding.code for finding in report.findings}


@pytest.mark.parametrize("content", [LETTER, PDF, INVOICE, archive(), b"<html></html>"])
def test_any_content_alone_is_one_format(content: bytes, citizen: Holder, environment: Environment) -> None:
    report = judge(make_cms(Make(citizen, encapsulated=content), b""), environment)
    assert "TWO-FORMATS" not in {finding.code for finding in report.findings}
    assert report.verdicts[0].sub_indication is None


@pytest.mark.parametrize("words", [b"for the sole objective of trailers", b"see 3 objectives", b"ban 1.0 object"])
def test_words_that_resemble_a_pdf_are_words(words: bytes, citizen: Holder, environment: Environment) -> None:
    made = in_attribute(make_cms(Make(citizen, encapsulated=LETTER), b""), words)
    assert only(made, environment).sub_indication is None


@pytest.mark.parametrize("rest", [b"\n", b"\r\n", b" ", bytes(16)], ids=repr)
def test_a_cms_file_ends_with_its_structure(rest: bytes, citizen: Holder, environment: Environment) -> None:
    verdict = only(make_cms(Make(citizen, encapsulated=LETTER), b"") + rest, environment)
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert "CMS-TRAILING-DATA" in codes(verdict)


class TestArmour:
    def test_pem_and_base64_of_honest_programs(self, citizen: Holder, environment: Environment) -> None:
        made = make_cms(Make(citizen, encapsulated=LETTER), b"")
        lines = base64.encodebytes(made)
        honest = [
            bytes(pem.armor("PKCS7", made)),
            bytes(pem.armor("CMS", made)).replace(b"\n", b"\r\n"),
            bytes(pem.armor("PKCS7", made)).rstrip(b"\n"),
            lines,
            lines.replace(b"\n", b"\r\n"),
            base64.b64encode(made),
        ]
        assert [judge(one, environment).conclusion for one in honest] == [Conclusion.TOTAL_PASSED] * len(honest)

    def test_nothing_stands_beside_the_encoding(self, citizen: Holder, environment: Environment) -> None:
        made = make_cms(Make(citizen, encapsulated=LETTER), b"")
        armour = bytes(pem.armor("CMS", made))
        first, rest = armour.split(b"\n", 1)
        text = base64.b64encode(made)
        evil = [
            first + b"\nX-Note: %PDF-1.7\n\n" + rest + PDF,
            first + b"\nX-Note: anything\n\n" + rest,
            b" \n" + armour,
            b"Certificates:\n" + armour,
            armour + PDF,
            armour + b"signed by the director\n",
            armour + armour,
            armour + bytes(pem.armor("CERTIFICATE", citizen.asn1.dump())),
            armour.replace(b"END CMS", b"END PKCS7"),
            first + b"\n<html>\n" + rest,
            first + b"\n" + rest.replace(b"\n", b" \n", 1),
            first + b"\n" + rest.replace(b"A", b"A!", 1),
            text[:80] + b"!" + text[80:],
            text + b"<html>",
            text[:80] + b" " + text[80:],
            b" " + text,
        ]
        for number, one in enumerate(evil):
            report = judge(one, environment)
            assert report.conclusion is Conclusion.UNREADABLE, (number, report.conclusion)
            assert report.verdicts == ()

    def test_the_last_sign_of_base64_hides_no_bits(self, citizen: Holder, environment: Environment) -> None:
        """RFC 4648 §3.5: the unused bits are zero, so that one file has one digest."""
        lengths = (make_cms(Make(citizen, encapsulated=LETTER + bytes(more)), b"") for more in range(3))
        text = next(text for text in map(base64.b64encode, lengths) if text.endswith(b"="))
        at = len(text.rstrip(b"=")) - 1
        alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        other = alphabet[alphabet.index(text[at : at + 1]) + 1 :][:1]
        report = judge(text[:at] + other + text[at + 1 :], environment)
        assert report.conclusion is Conclusion.UNREADABLE


class TestXml:
    @pytest.mark.parametrize("kind", ["pdf", "pdf without header", "pdf update", "an older end", "zip"])
    @pytest.mark.parametrize("where", ["comment", "instruction"])
    def test_another_document_in_what_canonical_xml_leaves_out(
        self, kind: str, where: str, pki: DemoPki, environment: Environment
    ) -> None:
        signed = sign_xml(INVOICE, XmlMake(pki.holder("company")))
        assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED, "else this test shows nothing"
        shown = SHOWN[kind].replace(b"--", b"- -").replace(b"?>", b"? >")
        put = b"<!--" + shown + b"-->" if where == "comment" else b"<?x " + shown + b"?>"
        end = signed.index(b"?>") + 2 if signed.startswith(b"<?xml") else 0
        for evil in (signed[:end] + put + signed[end:], signed + put):
            assert judge(evil, environment).conclusion is not Conclusion.TOTAL_PASSED

    @pytest.mark.parametrize("end", [b"<!-->", b"<!--->"])
    def test_a_comment_that_browsers_end_earlier(self, end: bytes, pki: DemoPki, environment: Environment) -> None:
        signed = sign_xml(INVOICE, XmlMake(pki.holder("company")))
        evil = signed + end + b"<b>So tien: 9.000.000</b>-->"
        assert judge(evil, environment).conclusion is not Conclusion.TOTAL_PASSED

    def test_goods_that_are_called_trailers(self, pki: DemoPki, environment: Environment) -> None:
        invoice = INVOICE.replace(b"</", b" semi-trailer, 1 object</", 1)
        report = judge(sign_xml(invoice, XmlMake(pki.holder("company"))), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED


class TestPdf:
    @pytest.mark.parametrize(
        "before",
        [
            b"GIF89a\1\0\1\0\0\0\0;",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
            b"\x89PNG\r\n\x1a\n",
            b"BM\0\0\0\0",
            b"RIFF\0\0\0\0WEBP",
            b"<html><body>So tien: 9.000.000</body></html>",
            b"\n <!DOCTYPE html><p>",
            b"words <script>alert(1)</script>",
            b"{\\rtf1 So tien}",
            b"%!PS-Adobe-3.0\n",
            b"<?xml version='1.0'?><a/>",
            b"-----BEGIN PKCS7-----\n",
        ],
    )
    def test_another_document_before_the_header(self, before: bytes, citizen: Holder, environment: Environment) -> None:
        report = judge(before + sign(PDF, Signing(citizen)), environment)
        assert report.conclusion is Conclusion.UNREADABLE
        assert [finding.code for finding in report.findings] == ["TWO-FORMATS"]

    @pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"Content-Type: application/pdf\r\n\r\n"])
    def test_what_is_no_document_before_the_header_is_none(self, before: bytes, citizen: Holder) -> None:
        assert sniff(before + sign(PDF, Signing(citizen))).answer is None

    def test_an_archive_that_ends_with_the_file(self, citizen: Holder, environment: Environment) -> None:
        report = judge(sign(PDF, Signing(citizen)) + archive(), environment)
        assert report.conclusion is Conclusion.UNREADABLE
        assert [finding.code for finding in report.findings] == ["TWO-FORMATS"]

    def test_an_archive_inside_is_an_attachment(self, citizen: Holder, environment: Environment) -> None:
        document = pikepdf.open(io.BytesIO(PDF))
        document.attachments["bang.zip"] = archive()
        output = io.BytesIO()
        document.save(output, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
        assert archive() in output.getvalue(), "else this test shows nothing"
        report = judge(sign(output.getvalue(), Signing(citizen)), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED
