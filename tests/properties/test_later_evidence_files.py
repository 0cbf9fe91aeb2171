"""Failed files that get more evidence afterwards, in every format and through the whole verification: never passed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from demo.pki import DemoPki
from demo.responders import Responders
from tests.properties.signed_files import LETTER, der_of, with_stamp
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import (
    Signing,
    add_dss,
    append_page_change,
    blank_paper,
    environment,
    now,
    sign,
    stamp,
)
from tests.unit.verifier.xml_maker import DS, INVOICE, XADES, XmlMake, canonical, sign_xml
from tests.unit.verifier.xml_maker import stamp as token_over
from verifier.inputs import Environment, VerificationInput
from verifier.report import Conclusion, DocumentFormat
from verifier.verify import verify_document

Failing = Callable[[DemoPki, Responders], VerificationInput]

PDF_SIGNER, XML_SIGNER, CMS_SIGNER = "citizen", "company", "citizen"


def changed_pdf(pki: DemoPki, _: Responders) -> VerificationInput:
    return VerificationInput(sign(blank_paper(), Signing(pki.holder(PDF_SIGNER))).replace(b"/MediaBox", b"/MedjaBox"))


def page_replaced(pki: DemoPki, _: Responders) -> VerificationInput:
    return VerificationInput(append_page_change(sign(blank_paper(), Signing(pki.holder(PDF_SIGNER)))))


def revoked_pdf(pki: DemoPki, responders: Responders) -> VerificationInput:
    responders.revoke(PDF_SIGNER, now() - timedelta(hours=3))
    return VerificationInput(sign(blank_paper(), Signing(pki.holder(PDF_SIGNER), signed_at=now())))


def expired_pdf(pki: DemoPki, _: Responders) -> VerificationInput:
    return VerificationInput(sign(blank_paper(), Signing(pki.holder("expired"), signed_at=now())))


def changed_invoice(pki: DemoPki, _: Responders) -> VerificationInput:
    signed = sign_xml(INVOICE, XmlMake(pki.holder(XML_SIGNER), xades="v2"))
    return VerificationInput(signed.replace(b"9200000", b"9900000"))


def wrapped_invoice(pki: DemoPki, _: Responders) -> VerificationInput:
    signed = sign_xml(INVOICE, XmlMake(pki.holder(XML_SIGNER), xades="v2"))
    return VerificationInput(signed.replace(b"<DSCKS>", b"<DaTra>1</DaTra><DSCKS>"))


def revoked_invoice(pki: DemoPki, responders: Responders) -> VerificationInput:
    responders.revoke(XML_SIGNER, now() - timedelta(hours=3))
    return VerificationInput(sign_xml(INVOICE, XmlMake(pki.holder(XML_SIGNER), xades="v2", claimed=now().isoformat())))


def changed_letter(pki: DemoPki, _: Responders) -> VerificationInput:
    made = make_cms(Make(pki.holder(CMS_SIGNER), encapsulated=LETTER), b"")
    return VerificationInput(made.replace(LETTER[:5], LETTER[:4] + b"X"))


def other_letter(pki: DemoPki, _: Responders) -> VerificationInput:
    return VerificationInput(make_cms(Make(pki.holder(CMS_SIGNER)), LETTER), content=LETTER + b".")


def revoked_letter(pki: DemoPki, responders: Responders) -> VerificationInput:
    responders.revoke(CMS_SIGNER, now() - timedelta(hours=3))
    return VerificationInput(make_cms(Make(pki.holder(CMS_SIGNER), encapsulated=LETTER, claimed=now()), b""))


FAILING: tuple[Failing, ...] = (
    *(changed_pdf, page_replaced, revoked_pdf, expired_pdf, changed_invoice, wrapped_invoice, revoked_invoice),
    *(changed_letter, other_letter, revoked_letter),
)


def _stamped(document: VerificationInput, pki: DemoPki, kind: DocumentFormat) -> VerificationInput:
    """A trusted time stamp of now, as each format takes it."""
    match kind:
        case DocumentFormat.PDF:
            return replace(document, data=stamp(document.data, pki.holder("tsa-official"), now()))
        case DocumentFormat.CMS:
            return replace(document, data=with_stamp(document.data, pki))
        case _:
            return replace(document, data=_stamped_xml(document.data, pki))


def _stamped_xml(data: bytes, pki: DemoPki) -> bytes:
    root = etree.fromstring(data)
    value = next(root.iter(f"{{{DS}}}SignatureValue"))
    token = base64.b64encode(token_over(pki.holder("tsa-official"), now(), canonical(value))).decode()
    text = (
        f'<x:U xmlns:x="{XADES}"><x:UnsignedProperties><x:UnsignedSignatureProperties><x:SignatureTimeStamp>'
        f"<x:EncapsulatedTimeStamp>{token}</x:EncapsulatedTimeStamp></x:SignatureTimeStamp>"
        "</x:UnsignedSignatureProperties></x:UnsignedProperties></x:U>"
    )
    next(root.iter(f"{{{XADES}}}QualifyingProperties")).append(etree.fromstring(text)[0])
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def _with_status(document: VerificationInput, responders: Responders, kind: DocumentFormat) -> VerificationInput:
    """The present CRLs inside, where the format has a place that is easily filled."""
    if kind is not DocumentFormat.PDF:
        return document
    crls = [der_of(responders.crl(slug)) for slug in ("public-sub", "public-root")]
    return replace(document, data=add_dss(document.data, (responders.pki.holder("citizen"),), crls, ()))


def _judged(document: VerificationInput, trusting: Environment, at: timedelta = timedelta(0)) -> Conclusion:
    return verify_document(document, trusting, now() + at).conclusion


@pytest.mark.parametrize("make", FAILING, ids=lambda make: make.__name__)
def test_no_later_evidence_makes_a_failed_file_pass(make: Failing, pki: DemoPki, responders: Responders) -> None:
    """Stamped, received again, with its CRLs inside, judged years later, with the statuses away: each and together."""
    failed = make(pki, responders)
    first = verify_document(failed, environment(pki), now())
    assert first.conclusion is Conclusion.TOTAL_FAILED, first.verdicts
    received = replace(failed, received_at=now() - timedelta(minutes=1))
    stamped = _stamped(failed, pki, first.format)
    complete = _with_status(_stamped(received, pki, first.format), responders, first.format)
    for document in (received, stamped, complete):
        assert _judged(document, environment(pki)) is not Conclusion.TOTAL_PASSED
    assert _judged(complete, environment(pki), timedelta(days=4000)) is not Conclusion.TOTAL_PASSED
    if "revoked" not in make.__name__:  # a status that nobody asks for is the caller's own word
        skipping = replace(environment(pki), policy=environment(pki).policy.skipping_revocation())
        assert _judged(complete, skipping) is not Conclusion.TOTAL_PASSED
    responders.down(*(f"{kind}/{slug}" for slug in pki.authorities for kind in ("crl", "ocsp")))
    assert _judged(complete, environment(pki)) is not Conclusion.TOTAL_PASSED
