"""Signed XML of every make through ``verify_document``: e-invoices, declarations, odd and old forms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner
from signxml.xades.xades import XAdESSigner

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.unit.verifier.signing import codes, judge, now, only, without_status
from tests.unit.verifier.signing import environment as online_environment
from tests.unit.verifier.xml_maker import (
    BASE64,
    C14N_11,
    DECLARATION,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    INVOICE,
    XPATH,
    Ref,
    XmlMake,
    edited,
    enveloping,
    sign_xml,
)
from verifier.inputs import Environment
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    DocumentFormat,
    Integrity,
    Revocation,
    SignatureLevel,
    SubIndication,
)

WHOLE = (Ref("", (ENVELOPED,)),)
NUMBERS = {"company": b"6200000000", "citizen-ec": b"012345678902"}
"""A household's tax number is its holder's own number (TT 86/2024/TT-BTC Đ.5)."""


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def seller(pki: DemoPki) -> Holder:
    return pki.holder("company")


def test_an_invoice_signed_over_its_data_passes_with_status_online(pki: DemoPki, seller: Holder) -> None:
    report = judge(sign_xml(INVOICE, XmlMake(seller)), online_environment(pki))
    assert (report.format, report.conclusion) == (DocumentFormat.XML, Conclusion.TOTAL_PASSED)
    (verdict,) = report.verdicts
    facts = verdict.facts
    assert (facts.field, facts.level) == ("DSCKS/NBan", SignatureLevel.XMLDSIG)
    assert (facts.integrity, facts.coverage, facts.changes_after) == (
        Integrity.INTACT,
        Coverage.WHOLE_REVISION,
        ChangesAfter.NONE,
    )
    assert (facts.revocation, facts.regime) == (Revocation.GOOD, "public")
    assert facts.signer is not None and facts.signer.mst is not None
    assert set(facts.evidence) <= set(report.evidence)


@pytest.mark.parametrize("slug", ["revoked", "suspended"])
def test_a_revoked_signer_fails(pki: DemoPki, slug: str) -> None:
    """With a claim from after the revocation it convicts itself; without one nothing says when it was made."""
    online = online_environment(pki)
    claimed = XmlMake(pki.holder(slug), xades="v2", claimed=now().isoformat())
    assert only(sign_xml(INVOICE, claimed), online).sub_indication is SubIndication.REVOKED
    silent = XmlMake(pki.holder(slug))
    assert only(sign_xml(INVOICE, silent), online).sub_indication is SubIndication.REVOKED_NO_POE


def test_a_stranger_is_not_trusted(pki: DemoPki, environment: Environment) -> None:
    verdict = only(sign_xml(INVOICE, XmlMake(pki.holder("stranger"))), environment)
    assert verdict.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert verdict.facts.integrity is Integrity.INTACT


@pytest.mark.parametrize(
    ("document", "place", "references", "c14n", "coverage"),
    [
        pytest.param(DECLARATION, "CKyDTu", WHOLE, None, Coverage.WHOLE_FILE, id="declaration as a whole"),
        pytest.param(DECLARATION, None, WHOLE, EXCLUSIVE, Coverage.WHOLE_FILE, id="below the root, exclusive"),
        pytest.param(DECLARATION, "CKyDTu", (Ref("#ID_1"),), None, Coverage.WHOLE_REVISION, id="by a lower-case id"),
        pytest.param(
            DECLARATION, "CKyDTu", (Ref("#ID_1", (EXCLUSIVE,)),), EXCLUSIVE, Coverage.WHOLE_REVISION, id="exclusive"
        ),
        pytest.param(INVOICE, "DSCKS/NBan", (Ref("#data", (C14N_11,)),), None, Coverage.WHOLE_REVISION, id="c14n 1.1"),
        pytest.param(INVOICE, "DSCKS/NBan", (Ref("#data", (ENVELOPED,)),), None, Coverage.WHOLE_REVISION, id="habit"),
    ],
)
@pytest.mark.parametrize("slug", ["company", "citizen-ec"])
def test_structures_in_use(
    document: bytes,
    place: str | None,
    references: tuple[Ref, ...],
    c14n: str | None,
    coverage: Coverage,
    slug: str,
    pki: DemoPki,
    environment: Environment,
) -> None:
    document = document.replace(b"6200000000", NUMBERS[slug])  # who signs as the seller is the seller
    make = XmlMake(pki.holder(slug), references)
    if c14n is not None:
        make = dataclasses.replace(make, c14n=c14n)
    verdict = only(sign_xml(document, make, place), environment)
    assert verdict.sub_indication is None, verdict.findings
    assert verdict.facts.coverage is coverage


def test_an_enveloping_signature_shows_what_it_holds(seller: Holder, environment: Environment) -> None:
    verdict = only(enveloping("<BienLai><SoTien>50000</SoTien></BienLai>", XmlMake(seller)), environment)
    assert (verdict.sub_indication, verdict.facts.coverage) == (None, Coverage.WHOLE_FILE)


def test_the_expression_that_leaves_all_signatures_out_is_known(
    pki: DemoPki, seller: Holder, environment: Environment
) -> None:
    """EU DSS signs enveloped documents so; a second signature leaves the first one whole."""

    def express(expression: str) -> Callable[[Any], None]:
        def add(signature: Any) -> None:
            held = etree.fromstring(f'<ds:XPath xmlns:ds="{DS}">{expression}</ds:XPath>')
            next(one for one in signature.iter(f"{{{DS}}}Transform") if one.get("Algorithm") == XPATH).append(held)

        return add

    known = express("not(ancestor-or-self::ds:Signature)")
    make = XmlMake(seller, (Ref("", (XPATH,)),), decorate=known)
    once = sign_xml(DECLARATION, make, "CKyDTu")
    assert only(once, environment).sub_indication is None
    again = dataclasses.replace(make, holder=pki.holder("citizen"), identifier="second")
    report = judge(sign_xml(once, again, "CKyDTu"), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert [v.facts.coverage for v in report.verdicts] == [Coverage.WHOLE_FILE] * 2
    other = dataclasses.replace(make, decorate=express("not(ancestor-or-self::ds:Object)"))
    assert only(sign_xml(DECLARATION, other, "CKyDTu"), environment).facts.integrity is Integrity.UNKNOWN


def test_an_attachment_in_base64_is_signed_as_what_it_encodes(seller: Holder, environment: Environment) -> None:
    held = '<Object Id="file">SG9hIMSRxqFu</Object>'
    make = XmlMake(seller, (Ref("#data"), Ref("#file", (BASE64,))), objects=(held,))
    signed = sign_xml(INVOICE, make)
    assert only(signed, environment).sub_indication is None
    assert only(signed.replace(b"SG9h", b"SG9i"), environment).facts.integrity is Integrity.BROKEN
    nested = signed.replace(b"SG9hIMSRxqFu", b"SG9hIMSRxqFu<Gia>1</Gia>")
    assert only(nested, environment).facts.integrity is not Integrity.INTACT


def test_inherited_namespaces_and_language_are_part_of_what_is_signed(seller: Holder, environment: Environment) -> None:
    """Canonical XML 1.0 §2.4: xml: attributes of the ancestors belong to a signed subtree."""
    document = INVOICE.replace(b"<HDon>", b'<HDon xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">')
    assert only(sign_xml(document, XmlMake(seller)), environment).sub_indication is None
    signed = sign_xml(INVOICE, XmlMake(seller))
    spoken = signed.replace(b"<HDon>", b'<HDon xml:lang="en">')
    assert only(spoken, environment).facts.integrity is Integrity.BROKEN


def test_old_invoices_with_sha1_are_reported(seller: Holder, environment: Environment) -> None:
    verdict = only(sign_xml(INVOICE, XmlMake(seller, digest="sha1")), environment)
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
    (weak,) = [finding for finding in verdict.findings if finding.code == "XML-ALGORITHM-WEAK"]
    assert weak.parameters == (("algorithms", "SHA1"),)


def test_a_certificate_named_by_sha1_is_reported_and_passes(seller: Holder, environment: Environment) -> None:
    """No second certificate for a given SHA-1 can be made; one that is named by no digest at all passes too."""
    verdict = only(sign_xml(INVOICE, XmlMake(seller, xades="v1", bound_by="sha1")), environment)
    assert verdict.sub_indication is None
    assert ("XML-ALGORITHM-WEAK", (("algorithms", "SHA1"),)) in [(one.code, one.parameters) for one in verdict.findings]


def test_a_changed_amount_is_broken(seller: Holder, environment: Environment) -> None:
    report = judge(sign_xml(INVOICE, XmlMake(seller)).replace(b"9200000", b"9900000"), environment)
    assert report.conclusion is Conclusion.TOTAL_FAILED
    assert report.verdicts[0].sub_indication is SubIndication.HASH_FAILURE
    assert "XML-REFERENCE-BROKEN" in codes(report.verdicts[0])


def test_another_key_is_a_wrong_value(pki: DemoPki, seller: Holder, environment: Environment) -> None:
    make = XmlMake(seller, certificates=(pki.holder("citizen").asn1,))
    assert only(sign_xml(INVOICE, make), environment).sub_indication is SubIndication.SIG_CRYPTO_FAILURE


def test_without_a_certificate_nobody_signed(seller: Holder, environment: Environment) -> None:
    verdict = only(sign_xml(INVOICE, XmlMake(seller, certificates=())), environment)
    assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_hmac_is_no_signature(seller: Holder, environment: Environment) -> None:
    def keyed(root: Any) -> None:
        method = next(root.iter(f"{{{DS}}}SignatureMethod"))
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")

    verdict = only(edited(sign_xml(INVOICE, XmlMake(seller)), keyed), environment)
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert "XML-HMAC" in codes(verdict)


def test_a_manifest_vouches_for_nothing_it_lists(seller: Holder, environment: Environment) -> None:
    manifest = f'<Object><Manifest xmlns="{DS}" Id="list"/></Object>'
    references = (Ref("#data"), Ref("#list", (), f"{DS}Manifest"))
    verdict = only(sign_xml(INVOICE, XmlMake(seller, references, objects=(manifest,))), environment)
    assert "XML-MANIFEST" in codes(verdict)
    assert verdict.sub_indication is not None


def test_the_tax_authority_adds_its_code_and_signs_both(pki: DemoPki, seller: Holder, environment: Environment) -> None:
    """The code is not under the seller's signature; the authority's covers it and all that the seller signed."""
    signed = sign_xml(INVOICE, XmlMake(seller))

    def add(root: Any) -> None:
        code = etree.Element("MCCQT", Id="code")
        code.text = "00A1B2C3"
        root.insert(1, code)

    agency = XmlMake(pki.holder("agency"), (Ref("#data"), Ref("#code")), identifier="cqt")
    report = judge(sign_xml(edited(signed, add), agency, "DSCKS/CCKSKhac"), environment)
    assert report.conclusion is Conclusion.TOTAL_PASSED
    sellers, agencys = report.verdicts
    assert sellers.facts.changes_after is ChangesAfter.PERMITTED
    assert "XML-PART-SIGNED-BY-ANOTHER" in codes(sellers)
    assert agencys.facts.changes_after is ChangesAfter.NONE
    unsigned = judge(edited(signed, add), environment)
    assert unsigned.conclusion is Conclusion.TOTAL_FAILED
    assert "XML-PART-NOT-SIGNED" in codes(unsigned.verdicts[0])


def test_no_signature_and_damaged_files(environment: Environment) -> None:
    assert judge(INVOICE, environment).conclusion is Conclusion.NO_SIGNATURE
    for damaged in (INVOICE[:-10], INVOICE.replace(b"</HDon>", b"</HDom>"), b"<?xml version='1.0'?>"):
        report = judge(damaged, environment)
        assert report.conclusion is Conclusion.UNREADABLE
        assert [finding.code for finding in report.findings] == ["XML-DAMAGED"]


def test_more_signatures_than_the_policy_allows_are_not_all_passed(seller: Holder, environment: Environment) -> None:
    signed = sign_xml(INVOICE, XmlMake(seller))
    few = dataclasses.replace(environment, policy=dataclasses.replace(environment.policy, max_signatures=0))
    report = judge(signed, few)
    assert report.conclusion is Conclusion.INDETERMINATE
    assert "TOO-MANY-SIGNATURES" in {finding.code for finding in report.findings}


def _pem(holder: Holder) -> bytes:
    return holder.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize("method", [SignatureConstructionMethod.enveloped, SignatureConstructionMethod.enveloping])
@pytest.mark.parametrize("xades", [False, True])
@pytest.mark.parametrize("slug", ["company", "citizen-ec"])
def test_what_signxml_signs_passes(
    method: SignatureConstructionMethod, xades: bool, slug: str, pki: DemoPki, environment: Environment
) -> None:
    holder = pki.holder(slug)
    algorithm = "ecdsa-sha256" if slug == "citizen-ec" else "rsa-sha256"
    signer = (XAdESSigner if xades else XMLSigner)(method=method, signature_algorithm=algorithm)
    certificate = holder.certificate.public_bytes(Encoding.PEM).decode()
    root = signer.sign(etree.fromstring(DECLARATION), key=_pem(holder), cert=certificate)
    verdict = only(etree.tostring(root), environment)
    assert verdict.sub_indication is None, verdict.findings
    assert verdict.facts.level is (SignatureLevel.XADES_B if xades else SignatureLevel.XMLDSIG)
    assert verdict.facts.coverage is Coverage.WHOLE_FILE
