"""Times that a signer would like to have proven: stamps of nothing, of his own making, and receipts that get lost."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree

from api.i18n.texts import load_texts
from demo.issuing import Holder
from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import Signing, blank_paper, codes, environment, now, sign, without_status
from tests.unit.verifier.xml_maker import DS, INVOICE, XADES, XmlMake, edited, sign_xml, stamp
from verifier.bundle.bundle import bundle_of, comparable, environment_of, read_bundle, write_bundle
from verifier.cms.container import read_cms
from verifier.inputs import VerificationInput
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures
from verifier.policy import load_policy
from verifier.report import About, Conclusion, Integrity, Severity, SubIndication
from verifier.signature.embedded import EmbeddedEvidence
from verifier.signature.timestamps import judge_stamp, judge_token
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


def token_of(paper: bytes) -> bytes:
    """The token in the one signature of a PDF, DER."""
    (listed,) = list_signatures(open_pdf(paper, None), 5).signatures
    return read_cms(listed.contents).time_stamp_tokens()[0]


def stamped_cms(pki: DemoPki, change: Any, *, place: str = "1.2.840.113549.1.9.16.2.14", **make: Any) -> bytes:
    """An attached CMS of the citizen with the token that ``change(signature value)`` makes."""
    made = make_cms(Make(pki.holder("citizen"), encapsulated=b"Don", **make), b"")
    data = cms.ContentInfo.load(made)["content"]
    info = data["signer_infos"][0]
    token = change(info["signature"].native)
    kind = core.ObjectIdentifier(place).dump()
    attribute = core.Sequence(contents=kind + element(0, 17, token)).dump()
    fields = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    signer = core.Sequence(contents=b"".join(info[name].dump() for name in fields) + element(2, 1, attribute)).dump()
    parts = ("version", "digest_algorithms", "encap_content_info", "certificates")
    signed = b"".join(data[name].dump() for name in parts) + element(0, 17, signer)
    whole = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump() + element(2, 0, core.Sequence(contents=signed).dump())
    return bytes(core.Sequence(contents=whole).dump())


def element(class_: int, tag: int, contents: bytes) -> bytes:
    """A constructed element; asn1crypto writes nested structures anew in exponential time."""
    return bytes(core.Asn1Value(class_=class_, tag=tag, method=1, contents=contents).dump())


def flipped(token: bytes, where: bytes) -> bytes:
    assert token.count(where) >= 1
    return token.replace(where, where[:-1] + bytes([where[-1] ^ 1]), 1)


def value_of(token: bytes) -> bytes:
    return bytes(cms.ContentInfo.load(token)["content"]["signer_infos"][0]["signature"].native)


def remade(holder: Holder, value: bytes, at: datetime, digest: str, signed_with: str = "sha256") -> bytes:
    """A token over ``value`` with an imprint by this digest, signed with that one."""
    info = tsp.TSTInfo.load(info_whole(stamp(holder, at, value)))
    info["message_imprint"] = {
        "hash_algorithm": {"algorithm": digest},
        "hashed_message": hashlib.new(digest, value).digest(),
    }
    made = Make(holder, encapsulated=info.dump(force=True), content_type="tst_info", digest=signed_with)
    return make_cms(made, b"")


def info_whole(token: bytes) -> bytes:
    return bytes(cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed.dump())


def of_the_authority(pki: DemoPki, value: bytes) -> bytes:
    return stamp(pki.holder("tsa-public"), now(), value)


def value_altered(pki: DemoPki, value: bytes) -> bytes:
    token = of_the_authority(pki, value)
    return flipped(token, value_of(token))


def time_altered(pki: DemoPki, value: bytes) -> bytes:
    token = of_the_authority(pki, value)
    return flipped(token, info_whole(token)[-40:])


FALSE_STAMPS: dict[str, Callable[[DemoPki, bytes], bytes]] = {
    "its value altered": value_altered,
    "its time altered": time_altered,
    "of something else": lambda pki, value: of_the_authority(pki, b"another signature's value"),
    "of nothing": lambda pki, value: of_the_authority(pki, b""),
    "of the content": lambda pki, value: of_the_authority(pki, b"Don"),
    "of something else, by nobody known": lambda pki, value: stamp(pki.holder("stranger"), now(), b"else"),
}


@pytest.mark.parametrize("kind", FALSE_STAMPS)
def test_a_stamp_that_is_none_of_the_signature(kind: str, pki: DemoPki) -> None:
    paper = stamped_cms(pki, lambda value: FALSE_STAMPS[kind](pki, value))
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert verdict.facts.best_signature_time is None
    assert "TIMESTAMP-FALSE" in codes(verdict)
    assert {"TIMESTAMP-BROKEN", "TIMESTAMP-IMPRINT-WRONG"} & codes(verdict)


def test_another_signatures_token_is_none_of_this_one(pki: DemoPki) -> None:
    """Moved between the signatures of one signer."""
    signing = Signing(pki.holder("citizen"), stamped_at=now() - LONG_AGO, stamper=pki.holder("tsa-public"))
    first = sign(blank_paper(), signing)
    paper = stamped_cms(pki, lambda value: token_of(first))
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert "TIMESTAMP-IMPRINT-WRONG" in codes(verdict)


def test_a_good_stamp_of_an_authority_nobody_knows_warns_and_lowers_nothing(pki: DemoPki) -> None:
    unknown = pki.issue("tsa-unknown", "stranger", extended_usage=(STAMPING,), extended_usage_critical=True)
    paper = stamped_cms(pki, lambda value: stamp(unknown, now() - LONG_AGO, value))
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert (verdict.sub_indication, verdict.facts.best_signature_time) == (None, None)
    assert {"TIMESTAMP-NOT-TRUSTED", "TIMESTAMP-PROVES-NOTHING"} <= codes(verdict)
    assert "TIMESTAMP-FALSE" not in codes(verdict)


@pytest.mark.parametrize(
    ("imprint", "signed_with", "at", "proves", "code"),
    [
        ("sha256", "sha256", datetime(2026, 6, 1, tzinfo=UTC), True, None),
        ("sha512", "sha512", datetime(2026, 6, 1, tzinfo=UTC), True, None),
        ("sha1", "sha256", datetime(2026, 6, 1, tzinfo=UTC), True, "TIMESTAMP-IMPRINT-SHA1"),
        ("sha1", "sha512", datetime(2026, 6, 1, tzinfo=UTC), True, "TIMESTAMP-IMPRINT-SHA1"),
        ("sha1", "sha1", datetime(2026, 6, 1, tzinfo=UTC), False, "TIMESTAMP-ALGORITHM-WEAK"),
        ("sha256", "sha1", datetime(2026, 6, 1, tzinfo=UTC), False, "TIMESTAMP-ALGORITHM-WEAK"),
        ("sha1", "sha256", datetime(2026, 12, 31, 16, 59, tzinfo=UTC), True, "TIMESTAMP-IMPRINT-SHA1"),
        ("sha1", "sha256", datetime(2026, 12, 31, 17, 0, tzinfo=UTC), False, "TIMESTAMP-ALGORITHM-WEAK"),
    ],
)
def test_an_old_imprint_in_a_strong_token(
    imprint: str, signed_with: str, at: datetime, proves: bool, code: str | None, pki: DemoPki
) -> None:
    """What counts is that nobody finds a second value of the same digest; the token's own value could be chosen."""
    paper = stamped_cms(pki, lambda value: remade(pki.holder("tsa-public"), value, at, imprint, signed_with))
    asked = max(now(), at + timedelta(days=1))
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), asked).verdicts
    assert (verdict.facts.best_signature_time == at) is proves, verdict.findings
    said = {f.code for f in verdict.findings if f.about is About.SIGNATURE_TIMESTAMP}
    assert code is None or code in said
    assert verdict.sub_indication is None


def tokens(pki: DemoPki, kind: str, value: bytes) -> bytes:
    """A token of the authority in a form that RFC 3161 does not know."""
    authority = pki.holder("tsa-public")
    whole = info_whole(stamp(authority, now(), value))
    match kind:
        case "two signers":
            return make_cms(Make(authority, encapsulated=whole, content_type="tst_info", signers=2), b"")
        case "signed as data":
            return make_cms(Make(authority, encapsulated=whole), b"")
        case "its type written over":
            own, other = (core.ObjectIdentifier(f"1.2.840.113549.1.9.16.1.{number}").dump() for number in (4, 9))
            return stamp(authority, now(), value).replace(own, other, 1)
        case "no certificate bound":
            return make_cms(Make(authority, encapsulated=whole, content_type="tst_info", ess=None), b"")
        case _:
            info = tsp.TSTInfo.load(whole)
            bare = core.Asn1Value(class_=0, tag=24, contents=info["gen_time"].contents.rstrip(b"Z"), method=0).dump()
            fields = (bare if name == "gen_time" else info[name].dump() for name in info)
            made = Make(authority, encapsulated=element(0, 16, b"".join(fields)), content_type="tst_info")
            return make_cms(made, b"")


@pytest.mark.parametrize(
    ("kind", "false"),
    [
        ("two signers", False),
        ("signed as data", False),
        ("its type written over", False),
        ("no certificate bound", False),
        ("a time without a zone", True),
    ],
)
def test_a_token_of_another_form_proves_nothing(kind: str, false: bool, pki: DemoPki) -> None:
    """A time without its zone would be read in the zone of whichever machine looks at it."""
    paper = stamped_cms(pki, lambda value: tokens(pki, kind, value))
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert verdict.facts.best_signature_time is None
    assert "TIMESTAMP-PROVES-NOTHING" in codes(verdict)
    assert ("TIMESTAMP-FALSE" in codes(verdict)) is false


AUTHENTICODE = "1.3.6.1.4.1.311.3.3.1"
ARCHIVE_V2, ARCHIVE_V3 = "1.2.840.113549.1.9.16.2.48", "0.4.0.1733.2.4"
OTHER_PLACES = [
    (AUTHENTICODE, "the signature", None),
    (AUTHENTICODE, "something else", "TIMESTAMP-IMPRINT-WRONG"),
    (AUTHENTICODE, "altered", "TIMESTAMP-BROKEN"),
    (ARCHIVE_V3, "the signature", "TIMESTAMP-IMPRINT-WRONG"),
    (ARCHIVE_V3, "altered", "TIMESTAMP-BROKEN"),
    (ARCHIVE_V2, "altered", "TIMESTAMP-BROKEN"),
    (ARCHIVE_V2, "garbage", "TIMESTAMP-UNREADABLE"),
]


@pytest.mark.parametrize(("place", "of", "code"), OTHER_PLACES)
def test_a_false_token_in_another_place_is_false_too(place: str, of: str, code: str | None, pki: DemoPki) -> None:
    def token(value: bytes) -> bytes:
        if of == "garbage":
            return b"\x30\x03\x02\x01\x07"
        if of == "altered":
            return value_altered(pki, value)
        return of_the_authority(pki, value if of == "the signature" else b"something else")

    paper = stamped_cms(pki, token, place=place)
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.facts.best_signature_time is None
    assert verdict.sub_indication is (None if code is None else SubIndication.SIG_CONSTRAINTS_FAILURE)
    assert code is None or {code, "TIMESTAMP-FALSE"} <= codes(verdict)


def test_an_older_archive_stamp_is_named_and_not_used(pki: DemoPki) -> None:
    paper = stamped_cms(pki, lambda value: of_the_authority(pki, value), place=ARCHIVE_V2)
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert (verdict.sub_indication, verdict.facts.best_signature_time) == (None, None)
    assert "TIMESTAMP-NOT-EXAMINED" in codes(verdict)


@pytest.mark.parametrize(("digest", "false"), [("right", False), ("wrong", True)])
def test_a_stamp_of_the_content_among_the_signed_attributes(digest: str, false: bool, pki: DemoPki) -> None:
    """id-aa-ets-contentTimestamp (ETSI EN 319 122-1 §5.2.8)."""
    token = of_the_authority(pki, b"Don" if digest == "right" else b"Don khac")
    kind = "1.2.840.113549.1.9.16.2.20"
    make = Make(
        pki.holder("citizen"),
        encapsulated=b"Don",
        change=lambda old: [*old, (kind, [cms.ContentInfo.load(token)])],
    )
    (verdict,) = verify_document(VerificationInput(make_cms(make, b"")), without_status(pki), now()).verdicts
    assert verdict.facts.integrity is Integrity.INTACT
    assert ("TIMESTAMP-FALSE" in codes(verdict)) is false
    assert verdict.facts.best_signature_time is None


def test_an_old_imprint_of_a_document_time_stamp_proves_nothing(pki: DemoPki) -> None:
    """Who has a document stamped may have chosen it, and another with the same digest."""
    judged_with = without_status(pki)
    judge = CertificateJudge(judged_with, EmbeddedEvidence(), now())
    token = remade(pki.holder("tsa-public"), b"x", now(), "sha1")
    facts = judge_stamp(read_cms(token), [b"x"], now(), now(), judge, judged_with.policy)
    assert not facts.trusted
    assert judge_token(token, [b"x"], now(), now(), judge, judged_with.policy).trusted


def test_a_stamp_from_before_its_authoritys_certificate_proves_nothing(pki: DemoPki) -> None:
    """A clock that was set back dates signatures: the certificate did not exist when the stamp says it was made."""
    authority = pki.holder("tsa-public")
    begin = authority.asn1.not_valid_before
    for at, proves in ((begin, True), (begin - timedelta(seconds=1), False), (begin - timedelta(days=900), False)):
        paper = stamped_cms(pki, lambda value, at=at: stamp(authority, at, value))
        (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
        assert (verdict.facts.best_signature_time is not None) is proves
        assert ("TIMESTAMP-CERTIFICATE-EXPIRED" in codes(verdict)) is not proves


@pytest.mark.parametrize("kind", [*FALSE_STAMPS, "unknown authority", "no certificate"])
def test_every_word_about_a_stamp_says_so(kind: str, pki: DemoPki) -> None:
    """In both languages: a citizen must not read that his own certificate is missing, or not recognised."""
    texts = load_texts()

    def token(value: bytes) -> bytes:
        if kind in FALSE_STAMPS:
            return bytes(FALSE_STAMPS[kind](pki, value))
        holder = pki.holder("tsa-public") if kind == "no certificate" else pki.holder("stranger")
        made = cms.ContentInfo.load(stamp(holder, now(), value))
        if kind == "no certificate":
            made["content"]["certificates"] = None
        info = cms.ContentInfo({"content_type": "signed_data", "content": made["content"].copy()})
        return bytes(info.dump(force=True))

    (verdict,) = verify_document(VerificationInput(stamped_cms(pki, token)), without_status(pki), now()).verdicts
    about = [finding for finding in verdict.findings if finding.about is About.SIGNATURE_TIMESTAMP]
    assert about
    for finding in verdict.findings:
        vi, en = texts.finding(finding, "vi"), texts.finding(finding, "en")
        assert (finding.about is About.SIGNATURE_TIMESTAMP) <= ("dấu thời gian" in vi.lower() and "time stamp" in en)
    general = {f.code for f in verdict.findings if f.about is None}
    assert not {"NO-SIGNING-CERTIFICATE", "SIGNER-CERTIFICATE-MISSING", "NOT-TRUSTED"} & general


ZONES = [
    (timedelta(0), None, 0),
    (timedelta(minutes=4), None, 0),
    (timedelta(minutes=37), "CLOCKS-DIFFER", 0),
    (-timedelta(minutes=8), "CLOCKS-DIFFER", 0),
    (timedelta(hours=5), "CLAIMED-TIME-AFTER-PROOF", 0),
    (-timedelta(hours=5), "CLAIMED-TIME-BEFORE-STAMP", 0),
    (timedelta(days=2, hours=12), "CLAIMED-TIME-AFTER-PROOF", 0),
    (-timedelta(days=2, hours=12), "CLAIMED-TIME-BEFORE-STAMP", 0),
    (timedelta(hours=7), None, 7),
    (timedelta(hours=7, minutes=37), "CLOCKS-DIFFER", 7),
    (timedelta(hours=6, minutes=52), "CLOCKS-DIFFER", 7),
]


@pytest.mark.parametrize(("apart", "code", "zone"), ZONES)
def test_the_time_stamp_leads_and_the_claim_is_what_it_most_likely_is(
    apart: timedelta, code: str | None, zone: int, pki: DemoPki
) -> None:
    at = now() - timedelta(days=10)
    paper = stamped_cms(pki, lambda value: stamp(pki.holder("tsa-public"), at, value), claimed=at + apart)
    (verdict,) = verify_document(VerificationInput(paper), without_status(pki), now()).verdicts
    assert (verdict.sub_indication, verdict.facts.best_signature_time) == (None, at)
    assert verdict.facts.claimed_signing_time == at + apart - timedelta(hours=zone)
    clocks = {"CLOCKS-DIFFER", "CLAIMED-TIME-AFTER-PROOF", "CLAIMED-TIME-BEFORE-STAMP"}
    assert codes(verdict) & clocks == ({code} if code else set())
    assert ("CLAIMED-TIME-VIETNAM-AS-UTC" in codes(verdict)) is bool(zone)
    weights = {finding.code: finding.severity for finding in verdict.findings}
    if code is not None:
        assert weights[code] is (Severity.INFO if code == "CLOCKS-DIFFER" else Severity.WARNING)
