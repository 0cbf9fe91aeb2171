"""Content in the parts of a signature that nobody signs, and content of others that is called like the signed one.

Nothing of it is shown, but a program that looks for ``//MST`` finds whichever comes first, and the container of the
signatures may stand before the data.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from demo.pki import DemoPki
from tests.unit.verifier.signing import codes, judge, without_status
from tests.unit.verifier.xml_maker import (
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INVOICE,
    XADES,
    Ref,
    XmlMake,
    edited,
    sign_xml,
)
from verifier.inputs import Environment
from verifier.report import Conclusion, Coverage, Integrity, SignatureVerdict, SubIndication, ValidationReport

DATA = (Ref("#data", (EXCLUSIVE,)),)


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def invoice(pki: DemoPki) -> bytes:
    return sign_xml(INVOICE, XmlMake(pki.holder("company"), DATA, c14n=EXCLUSIVE, xades="v2"))


def of_the_seller(report: ValidationReport) -> SignatureVerdict:
    return next(v for v in report.verdicts if v.facts.signer is not None and v.facts.signer.mst is not None)


def forged(root: Any) -> Any:
    evil = copy.deepcopy(root.find("DLHDon"))
    del evil.attrib["Id"]
    evil.find(".//TgTTTBSo").text = "99999999"
    return evil


def signatures_first(root: Any) -> None:
    holder = root.find("DSCKS")
    root.remove(holder)
    root.insert(0, holder)


def unsigned_properties(root: Any) -> Any:
    held = next(root.iter(f"{{{XADES}}}QualifyingProperties"))
    return etree.SubElement(etree.SubElement(held, f"{{{XADES}}}UnsignedProperties"), f"{{{XADES}}}UnsignedX")


def in_unsigned_properties(root: Any) -> None:
    unsigned_properties(root).append(forged(root))


def in_the_keys(root: Any) -> None:
    next(root.iter(f"{{{DS}}}KeyInfo")).append(forged(root))


def in_a_counter_signature(root: Any) -> None:
    inner = etree.SubElement(
        etree.SubElement(unsigned_properties(root), f"{{{XADES}}}CounterSignature"), f"{{{DS}}}Signature"
    )
    etree.SubElement(inner, f"{{{DS}}}Object").append(forged(root))


def in_a_signature_property(root: Any) -> None:
    held = etree.SubElement(next(root.iter(f"{{{DS}}}Signature")), f"{{{DS}}}Object")
    entry = etree.SubElement(etree.SubElement(held, f"{{{DS}}}SignatureProperties"), f"{{{DS}}}SignatureProperty")
    entry.append(forged(root))


def in_the_signatures_own_namespace(root: Any) -> None:
    """``getElementsByTagName("TgTTTBSo")`` does not ask for a namespace."""
    etree.SubElement(unsigned_properties(root), f"{{{XADES}}}TgTTTBSo", nsmap={None: XADES}).text = "99999999"


def in_a_foreign_namespace(root: Any) -> None:
    etree.SubElement(unsigned_properties(root), "{urn:x}DaThanhToan").text = "1"


HIDING = [
    *(in_unsigned_properties, in_the_keys, in_a_counter_signature, in_a_signature_property),
    *(in_the_signatures_own_namespace, in_a_foreign_namespace),
]


@pytest.mark.parametrize("hide", HIDING, ids=lambda hide: hide.__name__)
def test_content_in_the_unsigned_parts_of_a_signature(
    hide: Callable[[Any], None], invoice: bytes, environment: Environment
) -> None:
    assert judge(edited(invoice, signatures_first), environment).conclusion is Conclusion.TOTAL_PASSED

    def edit(root: Any) -> None:
        hide(root)
        signatures_first(root)

    (verdict,) = judge(edited(invoice, edit), environment).verdicts
    assert (verdict.facts.integrity, verdict.facts.coverage) == (Integrity.INTACT, Coverage.PARTIAL)
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert "XML-PART-NOT-SIGNED" in codes(verdict)


@pytest.mark.parametrize("where", ["HDon", "DSCKS", f"{{{DS}}}KeyInfo", f"{{{DS}}}Signature"])
def test_a_processing_instruction_that_nobody_signed(where: str, invoice: bytes, environment: Environment) -> None:
    def edit(root: Any) -> None:
        next(root.iter(where)).insert(0, etree.ProcessingInstruction("php", "echo 99999999"))

    (verdict,) = judge(edited(invoice, edit), environment).verdicts
    assert (verdict.facts.integrity, verdict.facts.coverage) == (Integrity.INTACT, Coverage.PARTIAL)
    assert "XML-PART-NOT-SIGNED" in codes(verdict)


def test_a_processing_instruction_in_what_is_signed(pki: DemoPki, environment: Environment) -> None:
    told = INVOICE.replace(b"<SHDon>", b"<?print duplex?><SHDon>", 1)
    signed = sign_xml(told, XmlMake(pki.holder("company"), DATA, c14n=EXCLUSIVE))
    assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED


@pytest.mark.parametrize(
    "words", ["<SigningTime>2020-01-01T00:00:00</SigningTime>", "<t:stamp xmlns:t='urn:t'><t:date/></t:stamp>"]
)
def test_words_about_the_signature_that_nobody_signed_are_no_alarm_and_claim_nothing(
    words: str, invoice: bytes, environment: Environment
) -> None:
    """Real e-invoices write SigningTime in no namespace; some do not sign it. XMLDSig §5.2 has a date of its own."""

    def add(root: Any) -> None:
        held = etree.SubElement(next(root.iter(f"{{{DS}}}Signature")), f"{{{DS}}}Object")
        entry = etree.SubElement(etree.SubElement(held, f"{{{DS}}}SignatureProperties"), f"{{{DS}}}SignatureProperty")
        entry.append(etree.fromstring(words))

    (verdict,) = judge(edited(invoice, add), environment).verdicts
    assert (verdict.sub_indication, verdict.facts.claimed_signing_time) == (None, None)


def test_content_called_like_a_signatures_parts_is_no_alarm(pki: DemoPki, environment: Environment) -> None:
    document = b"<Don><Object>1</Object><Reference>2</Reference></Don>"
    whole = (Ref("", (ENVELOPED, EXCLUSIVE)),)
    signed = sign_xml(document, XmlMake(pki.holder("company"), whole, c14n=EXCLUSIVE, xades="v2"), None)
    assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED


class TestAnotherPerson:
    """Everybody has a certificate: a good signature of an accomplice must not make forged data the seller's."""

    def _with_forged_data(self, pki: DemoPki, invoice: bytes, slug: str) -> bytes:
        def add(root: Any) -> None:
            root.insert(0, forged(root))
            root.set("Id", "all")

        make = XmlMake(pki.holder(slug), (Ref("#all", (ENVELOPED, EXCLUSIVE)),), c14n=EXCLUSIVE, identifier="second")
        return sign_xml(edited(invoice, add), make, "DSCKS/NMua")

    def test_forged_data_beside_signed_by_an_accomplice(
        self, pki: DemoPki, invoice: bytes, environment: Environment
    ) -> None:
        report = judge(self._with_forged_data(pki, invoice, "citizen"), environment)
        verdict = of_the_seller(report)
        assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
        assert {"XML-PART-SIGNED-BY-ANOTHER", "XML-PART-LOOKS-LIKE-SIGNED"} <= codes(verdict)
        assert report.conclusion is Conclusion.INDETERMINATE

    def test_a_broken_signature_that_calls_itself_a_countersignature_of_nothing_is_judged(
        self, pki: DemoPki, invoice: bytes, environment: Environment
    ) -> None:
        """It would vanish from the report, and the accomplice's good one alone would stand beside the seller's data."""

        def disguise(root: Any) -> None:
            root.find(".//TgTTTBSo").text = "99999999"
            signature = next(root.iter(f"{{{DS}}}Signature"))
            etree.SubElement(signature.getparent(), f"{{{XADES}}}CounterSignature").append(signature)
            root.set("Id", "all")

        make = XmlMake(
            pki.holder("citizen"), (Ref("#all", (ENVELOPED, EXCLUSIVE)),), c14n=EXCLUSIVE, identifier="second"
        )
        report = judge(sign_xml(edited(invoice, disguise), make, "DSCKS/NMua"), environment)
        assert [v.facts.integrity for v in report.verdicts] == [Integrity.BROKEN, Integrity.INTACT]
        assert report.conclusion is Conclusion.TOTAL_FAILED

    def test_an_agency_may_add_what_it_calls_the_same(
        self, pki: DemoPki, invoice: bytes, environment: Environment
    ) -> None:
        report = judge(self._with_forged_data(pki, invoice, "agency"), environment)
        sellers = of_the_seller(report)
        assert "XML-PART-SIGNED-BY-ANOTHER" in codes(sellers) and "XML-PART-LOOKS-LIKE-SIGNED" not in codes(sellers)
        assert "EINVOICE-NO-ISSUER" in codes(sellers)  # an invoice has one DLHDon, and the seller signed not all of it

    def test_forged_data_inside_the_accomplices_own_signature(
        self, pki: DemoPki, invoice: bytes, environment: Environment
    ) -> None:
        text = etree.tostring(forged(etree.fromstring(invoice)), encoding="unicode", with_tail=False)
        held = f'<Object xmlns="{DS}" Id="own">{text.replace("<DLHDon", DEFAULT_NONE, 1)}</Object>'
        references = (*DATA, Ref("#own", (EXCLUSIVE,)))
        make = XmlMake(pki.holder("citizen"), references, c14n=EXCLUSIVE, identifier="second", objects=(held,))
        report = judge(edited(sign_xml(invoice, make, "DSCKS/NMua"), signatures_first), environment)
        assert all(verdict.facts.integrity is Integrity.INTACT for verdict in report.verdicts)
        assert of_the_seller(report).sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
        alone = XmlMake(pki.holder("citizen"), references[1:], c14n=EXCLUSIVE, identifier="second", objects=(held,))
        assert judge(sign_xml(invoice, alone, "DSCKS/NMua"), environment).conclusion is Conclusion.TOTAL_FAILED


DEFAULT_NONE = '<DLHDon xmlns=""'


def _renamed(name: str, into: str) -> Callable[[Any], None]:
    def rename(root: Any) -> None:
        next(root.iter(f"{{{DS}}}{name}")).tag = into

    return rename


@pytest.mark.parametrize(
    "edit",
    [
        _renamed("Signature", f"{{{DS}}}Signatur"),
        _renamed("Signature", "{http://www.w3.org/2001/09/xmldsig#}Signature"),
        lambda root: root.find("DSCKS/NBan").replace(root.find(".//{*}Signature"), root.find(".//{*}SignedInfo")),
    ],
    ids=["renamed", "in another namespace", "cut away around its parts"],
)
def test_a_signature_that_was_destroyed_is_not_absent(
    edit: Callable[[Any], None], invoice: bytes, environment: Environment
) -> None:
    report = judge(edited(invoice, edit), environment)
    assert report.conclusion is Conclusion.INDETERMINATE
    told = {finding.code for finding in report.findings}
    assert "SIGNATURE-DESTROYED" in told
    assert "NO-SIGNATURE" not in told


def test_an_invoice_that_nobody_signed_is_unsigned(environment: Environment) -> None:
    report = judge(INVOICE, environment)
    assert report.conclusion is Conclusion.NO_SIGNATURE
    assert "SIGNATURE-DESTROYED" not in {finding.code for finding in report.findings}
