"""Whose signature it is, and of what: two sets of XAdES properties, transforms that choose, references without a URI.

Every key here has two certificates, of two people: what binds the one must not be put aside for the other.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

from demo.issuing import name
from demo.pki import DemoPki
from tests.unit.verifier.signing import codes, judge, without_status
from tests.unit.verifier.xml_maker import DECLARATION, DS, ENVELOPED, FILTER, XADES, Ref, XmlMake, edited, sign_xml
from verifier.inputs import Environment
from verifier.report import Conclusion, Integrity, SubIndication

WHOLE = (Ref("", (ENVELOPED,)),)
DOCUMENT = b"<BienLai><SoTien>900000</SoTien><NguoiNop>Lo Thi Mau</NguoiNop></BienLai>"


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def swapped(pki: DemoPki) -> bytes:
    """Signed with bound properties, then the certificate in KeyInfo replaced by another one of the same key."""
    signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen"), WHOLE, xades="v2"), None)
    subject = name((NameOID.COMMON_NAME, "Người Khác"), (NameOID.USER_ID, "CCCD:098765432100"))
    other = base64.b64encode(pki.issue("same-key", like="citizen", subject=subject).asn1.dump()).decode()

    def swap(root: Any) -> None:
        next(root.iter(f"{{{DS}}}X509Certificate")).text = other

    return edited(signed, swap)


def signature_of(root: Any) -> Any:
    return next(root.iter(f"{{{DS}}}Signature"))


def properties_of(root: Any) -> Any:
    return next(root.iter(f"{{{XADES}}}QualifyingProperties"))


def nothing(root: Any) -> None:
    """The bound certificate is not there."""


def an_empty_second_set(root: Any) -> None:
    etree.SubElement(etree.SubElement(signature_of(root), f"{{{DS}}}Object"), f"{{{XADES}}}QualifyingProperties")


def a_second_set_of_an_older_version(root: Any) -> None:
    held = etree.SubElement(signature_of(root), f"{{{DS}}}Object")
    etree.SubElement(held, "{http://uri.etsi.org/01903/v1.1.1#}QualifyingProperties", Target="#sig")


def another_target(root: Any) -> None:
    properties_of(root).set("Target", "#other")


def in_the_keys(root: Any) -> None:
    next(root.iter(f"{{{DS}}}KeyInfo")).append(properties_of(root))


def out_of_their_set(root: Any) -> None:
    """The signed properties stand alone in an Object: their digest holds as before."""
    held = properties_of(root).getparent()
    held.append(properties_of(root)[0])
    held.remove(properties_of(root))


def in_a_set_without_namespace_version(root: Any) -> None:
    text = etree.tostring(properties_of(root)[0], encoding="unicode")
    held = properties_of(root).getparent()
    held[:] = [etree.fromstring(f'<QualifyingProperties xmlns="urn:x">{text}</QualifyingProperties>')]


def beside_the_signature(root: Any) -> None:
    root.append(properties_of(root))


WAYS = [
    *(nothing, an_empty_second_set, a_second_set_of_an_older_version, another_target, in_the_keys),
    *(out_of_their_set, in_a_set_without_namespace_version, beside_the_signature),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_bound_certificate_is_the_only_signer(
    way: Callable[[Any], None], swapped: bytes, environment: Environment
) -> None:
    report = judge(edited(swapped, way), environment)
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    assert all(verdict.facts.signer is None or verdict.facts.signer.name != "Người Khác" for verdict in report.verdicts)


def test_two_sets_are_refused_also_where_the_certificate_is_right(pki: DemoPki, environment: Environment) -> None:
    signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen"), WHOLE, xades="v2"), None)
    assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED
    (verdict,) = judge(edited(signed, an_empty_second_set), environment).verdicts
    assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    assert "XADES-PROPERTIES-NOT-ONE" in codes(verdict)


def filtered(*expressions: tuple[str, str]) -> Callable[[Any], None]:
    """Writes the expressions into the transform."""

    def add(signature: Any) -> None:
        (transform,) = [one for one in signature.iter(f"{{{DS}}}Transform") if one.get("Algorithm") == FILTER]
        for kind, expression in expressions:
            text = f'<f:XPath xmlns:f="{FILTER}" xmlns:ds="{DS}" Filter="{kind}">{expression}</f:XPath>'
            transform.append(etree.fromstring(text))

    return add


EVERY = ("subtract", "/descendant::ds:Signature")


@pytest.mark.parametrize(
    "expressions",
    [
        (EVERY,),
        (("subtract", "//ds:Signature"),),
        (("subtract", " /descendant::ds:Signature "),),
        (("subtract", "here()/ancestor::ds:Signature[1]"),),
        (("intersect", "/"), EVERY),
    ],
)
def test_filters_that_leave_signatures_out_are_understood(
    expressions: tuple[tuple[str, str], ...], pki: DemoPki, environment: Environment
) -> None:
    make = XmlMake(pki.holder("citizen"), (Ref("", (FILTER,)),), decorate=filtered(*expressions))
    signed = sign_xml(DOCUMENT, make, None)
    assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED
    (verdict,) = judge(signed.replace(b"900000", b"990000"), environment).verdicts
    assert verdict.facts.integrity is Integrity.BROKEN


@pytest.mark.parametrize(
    "expressions",
    [
        (),
        (("subtract", "/descendant::SoTien"),),
        (EVERY, ("subtract", "//SoTien")),
        (("subtract", "/descendant::ds:Signature | //SoTien"),),
        (("subtract", "/descendant::ds:SignatureValue"),),
        (("subtract", "/descendant::f:Signature"),),
        (("subtract", "/descendant::x:Signature"),),
        (("intersect", "/descendant::ds:Signature"),),
        (("intersect", "//SoTien"), EVERY),
        (("intersect", "/"),),
        (("union", "/"), EVERY),
        (("Subtract", "/descendant::ds:Signature"),),
    ],
)
def test_filters_that_choose_anything_else_are_refused(
    expressions: tuple[tuple[str, str], ...], pki: DemoPki, environment: Environment
) -> None:
    make = XmlMake(pki.holder("citizen"), (Ref("", (FILTER,)),), decorate=filtered(*expressions))
    (verdict,) = judge(sign_xml(DOCUMENT, make, None), environment).verdicts
    assert verdict.sub_indication is SubIndication.POLICY_PROCESSING_ERROR
    assert "XML-TRANSFORM-REFUSED" in codes(verdict)


def test_a_filter_leaves_a_later_signature_out(pki: DemoPki, environment: Environment) -> None:
    make = XmlMake(pki.holder("citizen"), (Ref("", (FILTER,)),), decorate=filtered(EVERY))
    again = XmlMake(pki.holder("company"), (Ref("", (FILTER,)),), decorate=filtered(EVERY), identifier="two")
    report = judge(sign_xml(sign_xml(DECLARATION, make, "CKyDTu"), again, "CKyDTu"), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED


def without_uri(signature: Any) -> None:
    for reference in signature.iter(f"{{{DS}}}Reference"):
        del reference.attrib["URI"]


def test_a_reference_without_a_uri_is_of_the_document_that_its_signature_stands_in(
    pki: DemoPki, environment: Environment
) -> None:
    signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen"), WHOLE, decorate=without_uri), None)
    assert judge(signed, environment).conclusion is Conclusion.TOTAL_PASSED
    (verdict,) = judge(signed.replace(b"900000", b"990000"), environment).verdicts
    assert verdict.facts.integrity is Integrity.BROKEN


@pytest.mark.parametrize("references", [(Ref(""),), (*WHOLE, *WHOLE)], ids=["not enveloped", "two"])
def test_other_references_without_a_uri_name_nothing(
    references: tuple[Ref, ...], pki: DemoPki, environment: Environment
) -> None:
    signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen"), references, decorate=without_uri), None)
    (verdict,) = judge(signed, environment).verdicts
    assert verdict.facts.integrity is Integrity.UNKNOWN


def test_a_value_in_der_is_said_to_be_one(pki: DemoPki, environment: Environment) -> None:
    """Some programs write what their library gives them; the key made it all the same."""
    signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen-ec"), WHOLE), None)

    def in_der(root: Any) -> None:
        value = next(root.iter(f"{{{DS}}}SignatureValue"))
        raw = base64.b64decode(value.text)
        half = len(raw) // 2
        value.text = base64.b64encode(
            encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
        ).decode()

    (verdict,) = judge(edited(signed, in_der), environment).verdicts
    assert (verdict.facts.integrity, verdict.sub_indication) == (
        Integrity.INTACT,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    )
    assert "XML-VALUE-IN-DER" in codes(verdict)
    (broken,) = judge(edited(signed, in_der).replace(b"900000", b"990000"), environment).verdicts
    assert broken.facts.integrity is Integrity.BROKEN


class TestSplitValues:
    @pytest.mark.parametrize("place", ["SoTien", "NguoiNop"])
    def test_a_signature_inside_a_value(self, place: str, pki: DemoPki, environment: Environment) -> None:
        signed = sign_xml(DOCUMENT, XmlMake(pki.holder("citizen"), WHOLE), None)

        def split(root: Any) -> None:
            signature, value = signature_of(root), root.find(place)
            signature.tail, value.text = value.text[1:], value.text[:1]
            value.append(signature)

        (verdict,) = judge(edited(signed, split), environment).verdicts
        assert (verdict.facts.integrity, verdict.sub_indication) == (Integrity.INTACT, SubIndication.FORMAT_FAILURE)

    def test_another_persons_signature_inside_a_value(self, pki: DemoPki, environment: Environment) -> None:
        make = XmlMake(pki.holder("citizen"), (Ref("", (FILTER,)),), decorate=filtered(EVERY))
        signed = sign_xml(DOCUMENT, make, None)

        def split(root: Any) -> None:
            other = copy.deepcopy(signature_of(root))
            other.set("Id", "two")
            value = root.find("SoTien")
            other.tail, value.text = value.text[1:], value.text[:1]
            value.append(other)

        report = judge(edited(signed, split), environment)
        assert report.conclusion is Conclusion.TOTAL_FAILED
