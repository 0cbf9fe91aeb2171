"""What stands before the XML declaration, and declarations of another encoding than the file's: honest mistakes."""

from __future__ import annotations

import pytest

from demo.pki import DemoPki
from tests.unit.verifier.signing import judge, without_status
from tests.unit.verifier.xml_maker import INVOICE, XmlMake, sign_xml
from verifier.inputs import Environment
from verifier.report import Conclusion, ValidationReport

BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign_xml(INVOICE, XmlMake(pki.holder("company")))


def codes(report: ValidationReport) -> set[str]:
    return {finding.code for finding in report.findings}


def without_declaration(signed: bytes) -> bytes:
    return signed[signed.index(b"?>") + 2 :].lstrip()


@pytest.mark.parametrize("before", [b"\n", b"\r\n\r\n", b"   ", b"\t", BOM + b"\n", b"\n" + BOM, BOM + BOM])
def test_white_space_before_the_declaration_is_said_and_the_signature_judged(
    before: bytes, signed: bytes, environment: Environment
) -> None:
    report = judge(before + signed, environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert "XML-BEGINS-LATE" in codes(report)
    changed = judge(before + signed.replace(b"9200000", b"9900000"), environment)
    assert changed.conclusion is Conclusion.TOTAL_FAILED


@pytest.mark.parametrize("before", [b"", BOM])
def test_a_file_that_begins_as_it_should(before: bytes, signed: bytes, environment: Environment) -> None:
    for document in (signed, without_declaration(signed)):
        report = judge(before + document, environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED and "XML-BEGINS-LATE" not in codes(report)


@pytest.mark.parametrize("before", [b"\n", BOM + b"\r\n", b"  "])
def test_white_space_before_a_document_without_declaration_is_allowed(
    before: bytes, signed: bytes, environment: Environment
) -> None:
    report = judge(before + without_declaration(signed), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED and "XML-BEGINS-LATE" not in codes(report)


def test_a_second_mark_before_a_document_without_declaration(signed: bytes, environment: Environment) -> None:
    report = judge(BOM + BOM + without_declaration(signed), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED and "XML-BEGINS-LATE" in codes(report)


@pytest.mark.parametrize("before", [b"x", b"\0", b"\xa0", b"<!-- -->", b"<?pi x?>"])
def test_anything_else_before_the_declaration_is_not_read(
    before: bytes, signed: bytes, environment: Environment
) -> None:
    assert judge(before + signed, environment).conclusion is Conclusion.UNREADABLE


def test_a_late_declaration_of_another_encoding_could_be_overlooked(signed: bytes, environment: Environment) -> None:
    """Who overlooks it reads UTF-8, who trims the file reads another alphabet."""
    declared = signed.replace(b"UTF-8", b"windows-1258", 1)
    report = judge(b"\n" + declared, environment)
    assert report.conclusion is Conclusion.UNREADABLE and codes(report) == {"XML-DAMAGED"}


def test_a_declaration_of_another_encoding_than_the_files_has_its_sentence(
    signed: bytes, environment: Environment
) -> None:
    text = signed.decode()
    for document in (
        text.replace("UTF-8", "utf-16").encode(),
        text.encode("utf-16"),
        text.replace("UTF-8", "no-such").encode(),
    ):
        report = judge(document, environment)
        assert report.conclusion is Conclusion.UNREADABLE and codes(report) == {"XML-ENCODING-WRONG"}
    right = judge(text.replace("UTF-8", "UTF-16").encode("utf-16"), environment)
    assert right.conclusion is Conclusion.TOTAL_PASSED
