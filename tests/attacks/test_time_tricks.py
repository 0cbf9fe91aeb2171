"""Times that a signer would like to have proven: stamps of nothing, of his own making, and receipts that get lost."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree

from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import Signing, blank_paper, codes, environment, now, sign
from tests.unit.verifier.xml_maker import DS, INVOICE, XADES, XmlMake, edited, sign_xml, stamp
from verifier.bundle.bundle import bundle_of, comparable, environment_of, read_bundle, write_bundle
from verifier.inputs import VerificationInput
from verifier.policy import load_policy
from verifier.report import Conclusion
from verifier.signature.embedded import EmbeddedEvidence
from verifier.signature.timestamps import judge_token
from verifier.signature.trust import CertificateJudge
from verifier.verify import verify_document

LONG_AGO = timedelta(days=60)
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING


def test_a_stamp_of_the_empty_string_is_no_stamp_of_what_cannot_be_computed(pki: DemoPki) -> None:
    """Anybody gets one for nothing; it waits for years, until a revoked key needs an early time."""
    revoked = pki.holder("revoked")
    token = base64.b64encode(stamp(pki.holder("tsa-public"), now() - LONG_AGO, b"")).decode()

    def add(root: Any) -> None:
        text = (
            f'<x:UnsignedProperties xmlns:x="{XADES}" xmlns:ds="{DS}"><x:UnsignedSignatureProperties>'
            '<x:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm="urn:nobody:knows"/><x:EncapsulatedTimeStamp>'
            f"{token}</x:EncapsulatedTimeStamp></x:SignatureTimeStamp></x:UnsignedSignatureProperties>"
            "</x:UnsignedProperties>"
        )
        next(root.iter(f"{{{XADES}}}QualifyingProperties")).append(etree.fromstring(text))

    forged = edited(sign_xml(INVOICE, XmlMake(revoked, xades="v2")), add)
    report = verify_document(VerificationInput(forged), environment(pki), now())
    assert report.conclusion is not Conclusion.TOTAL_PASSED
    facts = report.verdicts[0].facts
    assert facts.best_signature_time is None
    assert "TIMESTAMP-PROVES-NOTHING" in codes(report.verdicts[0])


@pytest.mark.parametrize(
    ("usages", "critical", "proves"),
    [
        ((STAMPING,), True, True),
        ((STAMPING,), False, False),
        ((ExtendedKeyUsageOID.EMAIL_PROTECTION, STAMPING), True, False),
        ((ExtendedKeyUsageOID.EMAIL_PROTECTION, STAMPING), False, False),
        ((), False, False),
    ],
    ids=["as RFC 3161 wants it", "not critical", "among others", "among others, not critical", "none"],
)
def test_a_signer_does_not_date_his_own_signature(
    pki: DemoPki, usages: tuple[Any, ...], critical: bool, proves: bool
) -> None:
    """RFC 3161 §2.3: one purpose, critical. Some CAs write time-stamping into every signer's certificate."""
    own = pki.issue("own-stamp", "company", extended_usage=usages, extended_usage_critical=critical)
    paper = sign(blank_paper(), Signing(pki.holder("company"), stamped_at=now() - LONG_AGO, stamper=own))
    report = verify_document(VerificationInput(paper), environment(pki), now())
    (verdict,) = report.verdicts
    assert (verdict.facts.best_signature_time is not None) is proves
    assert ("TIMESTAMP-PROVES-NOTHING" in codes(verdict)) is not proves


@pytest.mark.parametrize("brought", ["authority", "somebody else", "nobody"])
def test_a_token_without_certificates_is_judged_with_those_that_came_along(brought: str, pki: DemoPki) -> None:
    """RFC 3161 §2.4.1: without ``certReq`` the authority leaves its certificate out; what the token names counts."""
    authority = pki.holder("tsa-public")
    token = cms.ContentInfo.load(stamp(authority, now(), b"x"))
    token["content"]["certificates"] = None
    bare = bytes(cms.ContentInfo({"content_type": "signed_data", "content": token["content"].copy()}).dump(force=True))
    twin = pki.issue("tsa-twin", "tsa-public")
    came = {"authority": (authority.asn1,), "somebody else": (twin.asn1,), "nobody": ()}[brought]
    judged_with = environment(pki)
    judge = CertificateJudge(judged_with, EmbeddedEvidence(came), now())
    facts = judge_token(bare, [b"x"], now(), now(), judge, judged_with.policy)
    assert facts.trusted is (brought == "authority")


@pytest.mark.parametrize("kind", ["cms", "xml"])
def test_our_receipt_of_a_file_that_is_no_pdf_goes_into_its_evidence(
    kind: str, pki: DemoPki, responders: Responders
) -> None:
    """Revoked after we received it: the verdict that is derived again from the bundle must be the same."""
    holder = pki.issue("receipt", "citizen")
    bill = INVOICE.replace(b"6200000000", b"012345678901")  # a household's: its number is the holder's own
    paper = make_cms(Make(holder, encapsulated=b"Don"), b"") if kind == "cms" else sign_xml(bill, XmlMake(holder))
    received = now() - timedelta(hours=2)
    responders.revoke("receipt", now() - timedelta(hours=1))
    given = VerificationInput(paper, received_at=received)
    first = verify_document(given, environment(pki), now())
    assert (first.conclusion, first.received_at) == (Conclusion.TOTAL_PASSED, received)
    bundle = read_bundle(write_bundle(bundle_of(first, first.evidence), "", {}, {}))
    judged_with = environment_of(bundle, load_policy(), pki.trust_store(), pki.catalogue())
    asked = VerificationInput(paper, received_at=bundle.received_at)
    assert comparable(verify_document(asked, judged_with, bundle.validation_time)) == comparable(first)
