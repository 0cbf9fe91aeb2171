"""Documents of every make through ``verify_document``, with the demo's authorities answering on loopback."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf
import pytest
from asn1crypto import pem
from pyhanko.sign.fields import SigSeedSubFilter

from demo.issuing import Holder
from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, embed, make_cms
from tests.unit.verifier.signing import (
    Signing,
    add_dss,
    append_page_change,
    blank_paper,
    codes,
    environment,
    now,
    sign,
    stamp,
    verdicts,
)
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    DocumentFormat,
    Integrity,
    Revocation,
    SignatureKind,
    SignatureLevel,
    SubIndication,
)
from verifier.verify import VerificationInput, verify_document

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


@pytest.fixture(scope="module")
def tsa(pki: DemoPki) -> Holder:
    return pki.holder("tsa-official")


def test_a_citizens_signature_passes_with_the_leaf_alone_embedded(pki: DemoPki, citizen: Holder) -> None:
    report, (verdict,) = verdicts(sign(blank_paper(), Signing(citizen)), environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert report.format is DocumentFormat.PDF
    assert report.pages == 1
    facts = verdict.facts
    assert (facts.integrity, facts.coverage, facts.changes_after) == (
        Integrity.INTACT,
        Coverage.WHOLE_FILE,
        ChangesAfter.NONE,
    )
    assert (facts.level, facts.regime, facts.revocation) == (SignatureLevel.PADES_B, "public", Revocation.GOOD)
    assert facts.signer is not None
    assert (facts.signer.name, facts.signer.cccd) == ("Nguyễn Văn Mẫu", "012345678901")
    assert verdict.trusted is True
    assert facts.best_signature_time is None
    assert set(facts.evidence) <= set(report.evidence)
    assert len(report.evidence) >= 3


@pytest.mark.parametrize("slug", ["revoked", "revoked-plain", "suspended"])
def test_a_revoked_certificate_fails_whether_or_not_the_list_names_its_issuer(pki: DemoPki, slug: str) -> None:
    _, (verdict,) = verdicts(sign(blank_paper(), Signing(pki.holder(slug))), environment(pki))
    assert verdict.sub_indication is SubIndication.REVOKED


def test_revoked_after_the_proven_time_still_passes(pki: DemoPki, tsa: Holder) -> None:
    at = now() - 40 * DAY
    made = Signing(pki.holder("revoked"), stamped_at=at, stamper=tsa, signed_at=at - SECOND)
    _, (verdict,) = verdicts(sign(blank_paper(), made), environment(pki))
    assert verdict.sub_indication is None
    assert verdict.facts.best_signature_time == at
    assert "REVOKED-LATER" in codes(verdict)


def test_an_authority_revoked_since_is_said(pki: DemoPki, tsa: Holder, responders: Responders) -> None:
    """The signature stands, for its time is proven; whoever reads it must know whose word its status is."""
    at = now() - 40 * DAY
    paper = sign(blank_paper(), Signing(pki.holder("citizen"), stamped_at=at, stamper=tsa, signed_at=at - SECOND))
    responders.revoke("public-sub", now() - DAY)
    _, (verdict,) = verdicts(paper, environment(pki))
    assert (verdict.sub_indication, "CA-REVOKED-LATER" in codes(verdict)) == (None, True)


def test_revoked_before_the_proven_time_fails(pki: DemoPki, tsa: Holder) -> None:
    at = now() - 20 * DAY
    made = Signing(pki.holder("revoked"), stamped_at=at, stamper=tsa, signed_at=now() - 50 * DAY)
    _, (verdict,) = verdicts(sign(blank_paper(), made), environment(pki))
    assert verdict.sub_indication is SubIndication.REVOKED


def test_an_earlier_claim_without_proof_proves_nothing(pki: DemoPki) -> None:
    made = Signing(pki.holder("revoked"), signed_at=now() - 40 * DAY)
    _, (verdict,) = verdicts(sign(blank_paper(), made), environment(pki))
    assert verdict.sub_indication is SubIndication.REVOKED_NO_POE


def test_our_own_receipt_proves_the_time(pki: DemoPki) -> None:
    document = sign(blank_paper(), Signing(pki.holder("revoked"), signed_at=now() - 40 * DAY))
    received = now() - 35 * DAY
    _, (verdict,) = verdicts(document, environment(pki), received_at=received)
    assert verdict.sub_indication is None
    assert verdict.facts.best_signature_time == received


def test_a_receipt_from_the_future_proves_nothing(pki: DemoPki) -> None:
    document = sign(blank_paper(), Signing(pki.holder("citizen")))
    _, (verdict,) = verdicts(document, environment(pki), received_at=now() + DAY)
    assert verdict.facts.best_signature_time is None


def test_expired_since_and_stamped_before_passes(pki: DemoPki, tsa: Holder) -> None:
    at = now() - 60 * DAY
    made = Signing(pki.holder("expired"), stamped_at=at, stamper=tsa, signed_at=at)
    _, (stamped,) = verdicts(sign(blank_paper(), made), environment(pki))
    _, (plain,) = verdicts(sign(blank_paper(), Signing(pki.holder("expired"), signed_at=at)), environment(pki))
    assert stamped.facts.best_signature_time == at
    assert stamped.sub_indication in (None, SubIndication.TRY_LATER)  # the list may have dropped an expired certificate
    assert plain.sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_signed_after_expiry_fails_by_its_own_claim(pki: DemoPki) -> None:
    _, (verdict,) = verdicts(sign(blank_paper(), Signing(pki.holder("expired"))), environment(pki))
    assert verdict.sub_indication is SubIndication.EXPIRED


def test_a_document_time_stamp_proves_the_signatures_it_covers(pki: DemoPki, tsa: Holder) -> None:
    at = now() - 40 * DAY
    document = stamp(sign(blank_paper(), Signing(pki.holder("revoked"), signed_at=at)), tsa, at)
    report, (verdict, stamped) = verdicts(document, environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert stamped.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP
    assert stamped.facts.best_signature_time == at
    assert verdict.facts.best_signature_time == at
    assert (verdict.facts.level, verdict.facts.changes_after) == (SignatureLevel.PADES_T, ChangesAfter.EXTENSION)


def test_a_stamp_does_not_prove_a_later_signature(pki: DemoPki, tsa: Holder) -> None:
    document = sign(stamp(blank_paper(), tsa, now() - 40 * DAY), Signing(pki.holder("revoked")))
    _, (_, verdict) = verdicts(document, environment(pki))
    assert verdict.facts.best_signature_time is None
    assert verdict.sub_indication is SubIndication.REVOKED


def test_an_untrusted_stamp_is_a_finding_and_proves_nothing(pki: DemoPki, citizen: Holder) -> None:
    stranger = pki.issue("tsa-stranger", "tsa-official", issuer="stranger-root")
    signed = sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=stranger))
    report, (verdict, stamped) = verdicts(stamp(signed, stranger, now()), environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert {"TIMESTAMP-NOT-TRUSTED", "TIMESTAMP-PROVES-NOTHING"} <= codes(verdict)
    assert verdict.facts.best_signature_time is None
    assert stamped.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


@pytest.mark.parametrize("slug", ["citizen", "tsa-expired"])
def test_a_stamp_by_a_certificate_that_may_not_stamp_proves_nothing(pki: DemoPki, citizen: Holder, slug: str) -> None:
    made = Signing(citizen, stamped_at=now(), stamper=pki.holder(slug))
    _, (verdict,) = verdicts(sign(blank_paper(), made), environment(pki))
    assert verdict.facts.best_signature_time is None
    assert "TIMESTAMP-PROVES-NOTHING" in codes(verdict)


def test_the_authority_revoked_since_no_longer_proves(pki: DemoPki, responders: Responders, tsa: Holder) -> None:
    made = Signing(pki.holder("revoked"), stamped_at=now() - 40 * DAY, stamper=tsa, signed_at=now() - 40 * DAY)
    document = sign(blank_paper(), made)
    responders.revoke("tsa-official", now() - DAY)
    _, (verdict,) = verdicts(document, environment(pki))
    assert "TIMESTAMP-CERTIFICATE-REVOKED" in codes(verdict)
    assert verdict.sub_indication is SubIndication.REVOKED_NO_POE


def test_a_copied_document_time_stamp_archives_nothing(
    pki: DemoPki, responders: Responders, citizen: Holder, tsa: Holder
) -> None:
    """Its imprint is of other bytes (ISO 32000-2 §12.8.5): broken for itself, no level, no harm to the signature."""
    signed = sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=tsa))
    lists = [responders.crl(slug) for slug in ("public-sub", "public-root", "official-sub", "official-root")]
    held = add_dss(signed, [citizen, tsa], [_der(data) for data in lists], [])
    listing = list_signatures(open_pdf(stamp(held, tsa, now()), None), 50)
    copied = embed(held, lambda _: listing.signatures[1].contents.rstrip(b"\0"), "ETSI.RFC3161", "Copied")
    report, (verdict, copy) = verdicts(copied, environment(pki, ()))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert (verdict.facts.level, verdict.facts.changes_after) == (SignatureLevel.PADES_LT, ChangesAfter.EXTENSION)
    assert (copy.facts.kind, copy.facts.integrity) == (SignatureKind.DOCUMENT_TIMESTAMP, Integrity.BROKEN)
    assert "TIMESTAMP-IMPRINT-WRONG" in codes(copy)


def test_contradicting_stamps_are_said(pki: DemoPki, citizen: Holder, tsa: Holder) -> None:
    signed = sign(blank_paper(), Signing(citizen, stamped_at=now() - DAY, stamper=tsa))
    _, (verdict, _) = verdicts(stamp(signed, tsa, now() - 3 * DAY), environment(pki))
    assert "TIMESTAMP-ORDER" in codes(verdict)
    assert verdict.sub_indication is SubIndication.TIMESTAMP_ORDER_FAILURE


def test_unknown_status_is_try_later(pki: DemoPki, citizen: Holder) -> None:
    _, (verdict,) = verdicts(sign(blank_paper(), Signing(citizen)), environment(pki, ()))
    assert verdict.sub_indication is SubIndication.TRY_LATER
    assert {"REVOCATION-UNKNOWN", "STATUS-DETAIL"} <= codes(verdict)


def test_an_archived_document_passes_without_network(
    pki: DemoPki, responders: Responders, citizen: Holder, tsa: Holder
) -> None:
    signed = sign(blank_paper(), Signing(citizen, stamped_at=now(), stamper=tsa))
    lists = [responders.crl(slug) for slug in ("public-sub", "public-root", "official-sub", "official-root")]
    held = add_dss(signed, [citizen, tsa], [_der(data) for data in lists], [])
    report, (verdict, _) = verdicts(stamp(held, tsa, now()), environment(pki, ()))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert verdict.facts.level is SignatureLevel.PADES_LTA
    _, (without_archive,) = verdicts(held, environment(pki, ()))
    assert without_archive.facts.level is SignatureLevel.PADES_LT


def test_an_unknown_signer_is_undecided(pki: DemoPki) -> None:
    _, (verdict,) = verdicts(sign(blank_paper(), Signing(pki.holder("stranger"))), environment(pki))
    assert verdict.sub_indication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert verdict.trusted is False
    assert verdict.facts.regime == "unknown"


def test_a_page_changed_after_signing_fails(pki: DemoPki, citizen: Holder) -> None:
    document = append_page_change(sign(blank_paper(), Signing(citizen)))
    report, (verdict,) = verdicts(document, environment(pki))
    assert report.conclusion is Conclusion.TOTAL_FAILED
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.facts.coverage is Coverage.WHOLE_REVISION
    assert "CHANGED-AFTER-SIGNING" in codes(verdict)


def test_several_signatures_are_judged_each(pki: DemoPki, citizen: Holder) -> None:
    first = sign(blank_paper(), Signing(pki.holder("officer"), "Giám đốc"))
    document = sign(first, Signing(citizen, "Công dân", SigSeedSubFilter.ADOBE_PKCS7_DETACHED))
    report, (one, two) = verdicts(document, environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert [one.facts.field, two.facts.field] == ["Giám đốc", "Công dân"]
    assert [one.facts.level, two.facts.level] == [SignatureLevel.PADES_B, SignatureLevel.PKCS7_B]
    assert [one.facts.regime, two.facts.regime] == ["official", "public"]
    assert [one.facts.coverage, two.facts.coverage] == [Coverage.WHOLE_REVISION, Coverage.WHOLE_FILE]


def test_an_elliptic_curve_signature_passes(pki: DemoPki) -> None:
    report, _ = verdicts(sign(blank_paper(), Signing(pki.holder("citizen-ec"))), environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED


def test_sha1_over_the_document_is_not_accepted(pki: DemoPki, citizen: Holder) -> None:
    def build(covered: bytes) -> bytes:
        return make_cms(Make(citizen, digest="sha1"), covered)

    _, (verdict,) = verdicts(embed(blank_paper(), build, "adbe.pkcs7.detached"), environment(pki))
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE


def test_vietnam_local_time_marked_as_utc_is_named(pki: DemoPki, citizen: Holder, tsa: Holder) -> None:
    at = now() - DAY
    made = Signing(citizen, stamped_at=at, stamper=tsa, signed_at=at + timedelta(hours=7))
    report, (verdict,) = verdicts(sign(blank_paper(), made), environment(pki))
    assert report.conclusion is Conclusion.TOTAL_PASSED
    assert "CLAIMED-TIME-VIETNAM-AS-UTC" in codes(verdict)


def test_evidence_in_the_report_can_be_sent_and_stored(pki: DemoPki, citizen: Holder) -> None:
    report, _ = verdicts(sign(blank_paper(), Signing(citizen)), environment(pki))
    assert all(type(key) is str and type(value) is bytes for key, value in report.evidence.items())
    for verdict in report.verdicts:
        assert type(verdict.facts.field) is str
        assert all(type(text) is str for f in verdict.findings for pair in f.parameters for text in pair)


def test_a_password_is_asked_for_and_used(pki: DemoPki, citizen: Holder) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(blank_paper())) as document:
        document.save(output, encryption=pikepdf.Encryption(user="mở", owner="chủ"))
    outcomes = []
    for password in (None, "sai", "mở"):
        report = verify_document(VerificationInput(output.getvalue(), password), environment(pki), now())
        outcomes.append((report.conclusion, [finding.code for finding in report.findings]))
    assert outcomes == [
        (Conclusion.UNREADABLE, ["PASSWORD-NEEDED"]),
        (Conclusion.UNREADABLE, ["PASSWORD-WRONG"]),
        (Conclusion.NO_SIGNATURE, ["NO-SIGNATURE"]),
    ]


def _der(data: bytes) -> bytes:
    return pem.unarmor(data)[2] if pem.detect(data) else data
