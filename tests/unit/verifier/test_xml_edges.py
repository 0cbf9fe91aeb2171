"""Edges of what an XML signature covers: before the root, in keys, in places; each seen from a whole file."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from demo.pki import DemoPki
from tests.unit.verifier.signing import codes, judge, without_status
from tests.unit.verifier.xml_maker import DS, INVOICE, Ref, XmlMake, edited, sign_xml
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage, SignatureVerdict, ValidationReport


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign_xml(INVOICE, XmlMake(pki.holder("company")))


def reasons(verdict: SignatureVerdict) -> set[str]:
    return {reason for _, reason in verdict.facts.violations}


def first(report: ValidationReport) -> SignatureVerdict:
    return report.verdicts[0]


class TestBeforeTheRoot:
    def test_a_comment_decides_nothing(self, signed: bytes, environment: Environment) -> None:
        report = judge(edited(signed, lambda root: root.addprevious(etree.Comment(" bản gốc "))), environment)
        assert report.conclusion is Conclusion.TOTAL_PASSED

    def test_a_stylesheet_is_one_reason_and_another_instruction_another(
        self, signed: bytes, environment: Environment
    ) -> None:
        def with_instruction(target: str) -> SignatureVerdict:
            added = edited(signed, lambda root: root.addprevious(etree.ProcessingInstruction(target, 'href="x.xsl"')))
            return first(judge(added, environment))

        assert reasons(with_instruction("xml-stylesheet")) == {"XML-STYLESHEET-NOT-SIGNED"}
        other = with_instruction("mso-application")
        assert reasons(other) == set() and other.facts.coverage is Coverage.PARTIAL


def test_a_signature_over_its_own_keys_alone_covers_nothing(pki: DemoPki, environment: Environment) -> None:
    def name_the_keys(signature: Any) -> None:
        signature.find(f"{{{DS}}}KeyInfo").set("Id", "keys")

    make = XmlMake(pki.holder("company"), (Ref("#keys"),), decorate=name_the_keys)
    report = judge(sign_xml(INVOICE, make), environment)
    assert first(report).facts.coverage is Coverage.NONE
    assert report.conclusion is not Conclusion.TOTAL_PASSED


def test_keys_may_be_signed_with_the_data(pki: DemoPki, environment: Environment) -> None:
    def name_the_keys(signature: Any) -> None:
        signature.find(f"{{{DS}}}KeyInfo").set("Id", "keys")

    make = XmlMake(pki.holder("company"), (Ref("#data"), Ref("#keys")), decorate=name_the_keys)
    report = judge(sign_xml(INVOICE, make), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED, codes(first(report))
