"""Bare CMS files through ``verify_document``: attached and detached, every encoding, several signers, CAdES levels."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import algos, cms, core, pem

from demo.issuing import Holder
from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import codes, judge, now, only, time_stamper, without_status
from tests.unit.verifier.signing import environment as online_environment
from verifier.cms.cades import ARCHIVE_TIME_STAMP_V3
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import (
    Conclusion,
    Coverage,
    DocumentFormat,
    Integrity,
    Revocation,
    SignatureLevel,
    SubIndication,
)
from verifier.verify import verify_document

LETTER = "Kính gửi Sở Tài nguyên và Môi trường".encode()


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def citizen(pki: DemoPki) -> Holder:
    return pki.holder("citizen")


@pytest.fixture(scope="module")
def attached(citizen: Holder) -> bytes:
    return make_cms(Make(citizen, encapsulated=LETTER), b"")


@pytest.fixture(scope="module")
def detached(citizen: Holder) -> bytes:
    return make_cms(Make(citizen), LETTER)


def test_an_attached_signature_passes_with_status_online(pki: DemoPki, attached: bytes) -> None:
    report = judge(attached, online_environment(pki))
    assert (report.format, report.conclusion) == (DocumentFormat.CMS, Conclusion.TOTAL_PASSED)
    facts = report.verdicts[0].facts
    assert (facts.integrity, facts.coverage) == (Integrity.INTACT, Coverage.WHOLE_FILE)
    assert (facts.level, facts.revocation) == (SignatureLevel.CADES_B, Revocation.GOOD)
    assert facts.signer is not None and facts.signer.cccd == "012345678901"
    assert set(facts.evidence) <= set(report.evidence)


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda der: pem.armor("PKCS7", der), id="PEM"),
        pytest.param(lambda der: b"\n" + pem.armor("CMS", der), id="PEM of OpenSSL"),
        pytest.param(base64.b64encode, id="base64"),
        pytest.param(base64.encodebytes, id="base64 in lines"),
    ],
)
def test_other_encodings(encode: Any, attached: bytes, environment: Environment) -> None:
    report = judge(encode(attached), environment)
    assert (report.format, report.conclusion) == (DocumentFormat.CMS, Conclusion.TOTAL_PASSED)


def test_a_detached_signature_needs_its_content(detached: bytes, environment: Environment) -> None:
    verdict = only(detached, environment)
    assert verdict.sub_indication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert "CONTENT-NEEDED" in codes(verdict)
    assert only(detached, environment, content=LETTER).sub_indication is None
    changed = only(detached, environment, content=LETTER + b".")
    assert changed.sub_indication is SubIndication.HASH_FAILURE
    assert only(detached, environment, content=b"").sub_indication is SubIndication.HASH_FAILURE


def test_a_file_beside_must_be_the_one_inside(attached: bytes, environment: Environment) -> None:
    assert only(attached, environment, content=LETTER).sub_indication is None
    verdict = only(attached, environment, content=b"another")
    assert (verdict.facts.integrity, verdict.sub_indication) == (Integrity.BROKEN, SubIndication.HASH_FAILURE)
    assert "CONTENT-IS-ANOTHER" in codes(verdict)


def test_changed_content_is_broken(attached: bytes, environment: Environment) -> None:
    changed = attached.replace(LETTER, LETTER[:-1] + b"X")
    assert only(changed, environment).sub_indication is SubIndication.HASH_FAILURE


def test_each_signer_is_a_signature(pki: DemoPki, citizen: Holder, environment: Environment) -> None:
    """The weakest decides: a stranger's signature beside a good one."""
    first = _signed_data(make_cms(Make(citizen, encapsulated=LETTER), b""))
    second = _signed_data(make_cms(Make(pki.holder("stranger"), encapsulated=LETTER), b""))
    for field in ("signer_infos", "certificates"):
        first[field] = [*first[field], *second[field]]
    report = judge(_file(first), environment)
    assert sorted(str(v.sub_indication) for v in report.verdicts) == ["NO_CERTIFICATE_CHAIN_FOUND", "None"]
    assert sorted(v.facts.field or "" for v in report.verdicts) == ["SignerInfo 1", "SignerInfo 2"]
    assert report.conclusion is Conclusion.INDETERMINATE
    assert not any("SEVERAL-SIGNERS" in codes(verdict) for verdict in report.verdicts)


def test_without_the_certificate_attribute_it_is_plain_cms(citizen: Holder, environment: Environment) -> None:
    verdict = only(make_cms(Make(citizen, encapsulated=LETTER, ess=None), b""), environment)
    assert (verdict.facts.level, verdict.sub_indication) == (SignatureLevel.CMS, None)


def test_weak_digests_are_reported(citizen: Holder, environment: Environment) -> None:
    verdict = only(make_cms(Make(citizen, encapsulated=LETTER, digest="sha1"), b""), environment)
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE


@pytest.mark.parametrize(
    "data",
    [b"\x30\x80" + bytes.fromhex("06092a864886f70d010702"), b"-----BEGIN PKCS7-----\nMII", b"-----BEGIN CMS-----"],
)
def test_a_cut_file_is_unreadable(data: bytes, environment: Environment) -> None:
    report = judge(data, environment)
    assert report.conclusion is Conclusion.UNREADABLE
    assert [finding.code for finding in report.findings] == ["CMS-FILE-UNREADABLE"]


@pytest.mark.parametrize("length", [30, 100, 400, -40, -1])
def test_a_file_cut_anywhere_never_passes(length: int, attached: bytes, environment: Environment) -> None:
    assert judge(attached[:length], environment).conclusion is not Conclusion.TOTAL_PASSED


def test_a_flipped_byte_never_leaves_what_was_signed_intact(attached: bytes, environment: Environment) -> None:
    """Every byte of content, signed attributes and value."""
    signed_data = _signed_data(attached)
    info = signed_data["signer_infos"][0]
    parts = [LETTER, info["signed_attrs"].untag().contents, info["signature"].native]
    for part in parts:
        start = attached.index(part)
        for at in range(start, start + len(part)):
            changed = attached[:at] + bytes([attached[at] ^ 1]) + attached[at + 1 :]
            report = judge(changed, environment)
            assert all(v.facts.integrity is not Integrity.INTACT for v in report.verdicts), at


# --- time and levels ---


def test_a_time_stamp_makes_t(pki: DemoPki, attached: bytes, environment: Environment) -> None:
    at = now() - timedelta(minutes=5)
    verdict = only(_file(_stamped(attached, pki.holder("tsa-public"), at)), environment)
    assert (verdict.facts.level, verdict.facts.best_signature_time) == (SignatureLevel.CADES_T, at)


def test_embedded_status_makes_lt_and_an_archive_stamp_lta(
    pki: DemoPki, responders: Responders, attached: bytes
) -> None:
    """Status as CRLs in the SignedData; the archive time stamp covers content, signer and the list of evidence."""
    tsa = pki.holder("tsa-public")
    offline = Environment(load_policy(), pki.trust_store(), pki.catalogue())
    signed_data = _stamped(attached, tsa, now() - timedelta(minutes=5))
    chain = [cms.CertificateChoices({"certificate": one}) for one in (*pki.holder("citizen").asn1_chain,)]
    signed_data["certificates"] = [*signed_data["certificates"], *chain]
    lists = [_der(responders.crl(slug)) for slug in ("public-sub", "public-root")]
    signed_data["crls"] = [cms.RevocationInfoChoice.load(data) for data in lists]
    verdict = only(_file(signed_data), offline)
    assert (verdict.facts.level, verdict.sub_indication) == (SignatureLevel.CADES_LT, None), verdict.findings
    archived = _archived(signed_data, tsa)
    assert only(_file(archived), offline).facts.level is SignatureLevel.CADES_LTA
    archived["crls"] = archived["crls"][:1]
    assert only(_file(archived), offline).facts.level is not SignatureLevel.CADES_LTA


def test_our_own_receipt_proves_the_time(attached: bytes, environment: Environment) -> None:
    received = now() - timedelta(days=1)
    document = VerificationInput(attached, received_at=received)
    (verdict,) = verify_document(document, environment, now()).verdicts
    assert verdict.facts.best_signature_time == received


def _signed_data(data: bytes) -> Any:
    return cms.ContentInfo.load(data)["content"]


def _file(signed_data: Any) -> bytes:
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed_data.copy()}).dump(force=True))


def _token(authority: Holder, at: datetime, digest: bytes) -> Any:
    return asyncio.run(time_stamper(authority, at).async_timestamp(digest, "sha256"))


def _stamped(data: bytes, authority: Holder, at: datetime) -> Any:
    signed_data = _signed_data(data)
    info = signed_data["signer_infos"][0]
    token = _token(authority, at, hashlib.sha256(info["signature"].native).digest())
    attribute = cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [token]})
    info["unsigned_attrs"] = cms.CMSAttributes([attribute])
    return signed_data


def _archived(signed_data: Any, authority: Holder) -> Any:
    """ETSI EN 319 122-1 §5.5.3, built from the standard's words and not from the code under test."""
    info = signed_data["signer_infos"][0]

    def hashed(members: Any) -> bytes:
        return _sequence(*(core.OctetString(hashlib.sha256(m.dump()).digest()).dump() for m in members))

    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()
    index = _sequence(algorithm, hashed(signed_data["certificates"]), hashed(signed_data["crls"]), hashed([]))
    fields = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    stamped = signed_data["encap_content_info"]["content_type"].dump() + hashlib.sha256(LETTER).digest()
    stamped += b"".join(info[name].dump() for name in fields) + index
    token = _token(authority, now(), hashlib.sha256(stamped).digest())
    inner = token["content"]["signer_infos"][0]
    kept = list(inner["unsigned_attrs"]) if not isinstance(inner["unsigned_attrs"], core.Void) else []
    inner["unsigned_attrs"] = cms.CMSAttributes([*kept, _attribute("0.4.0.19122.1.5", index)])
    archive = _attribute(ARCHIVE_TIME_STAMP_V3, token.dump(force=True))
    info["unsigned_attrs"] = cms.CMSAttributes([*info["unsigned_attrs"], archive])
    return signed_data


def _attribute(kind: str, value: bytes) -> cms.CMSAttribute:
    return cms.CMSAttribute.load(_sequence(core.ObjectIdentifier(kind).dump(), _constructed(17, value)))


def _sequence(*parts: bytes) -> bytes:
    return _constructed(16, b"".join(parts))


def _constructed(tag: int, contents: bytes) -> bytes:
    return bytes(core.Asn1Value(class_=0, tag=tag, method=1, contents=contents).dump())


def _der(data: bytes) -> bytes:
    return bytes(pem.unarmor(data)[2]) if pem.detect(data) else data
