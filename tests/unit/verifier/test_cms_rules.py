"""Each rule of CMS broken alone (RFC 5652, RFC 6211, EN 319 122-1), inside a real PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import as_signing_certificate
from pyhanko.sign.general import as_signing_certificate_v2 as as_v2

from demo.issuing import Holder
from demo.pki import DemoPki
from tests.unit.verifier.cms_maker import Attribute, Make, embed, make_cms
from tests.unit.verifier.signing import blank_paper, codes, environment, now, verdicts
from verifier.report import Integrity, SignatureLevel, SignatureVerdict, SubIndication

PADES = "ETSI.CAdES.detached"
Change = Callable[[list[Attribute]], list[Attribute]]


@pytest.fixture(scope="module")
def make(pki: DemoPki) -> Make:
    return Make(pki.holder("citizen"))


def judged(pki: DemoPki, make: Make, subfilter: str = PADES) -> SignatureVerdict:
    """The verdict on a paper signed with this CMS."""
    document = embed(blank_paper(), lambda covered: make_cms(make, covered), subfilter)
    _, (verdict,) = verdicts(document, environment(pki))
    return verdict


def without(name: str) -> Change:
    return lambda attributes: [attribute for attribute in attributes if attribute[0] != name]


def changed(name: str, *values: Any) -> Change:
    return lambda attributes: [(key, list(values) if key == name else old) for key, old in attributes]


def repeated(name: str) -> Change:
    return lambda attributes: [*attributes, *(attribute for attribute in attributes if attribute[0] == name)]


@pytest.mark.parametrize("ess", ["v1", "v2"])
def test_a_cms_made_by_hand_passes(pki: DemoPki, make: Make, ess: str) -> None:
    verdict = judged(pki, replace(make, ess=ess))
    assert (verdict.sub_indication, verdict.facts.level) == (None, SignatureLevel.PADES_B)


BROKEN: list[tuple[str, Change, Integrity, SubIndication]] = [
    ("digest wrong", changed("message_digest", bytes(32)), Integrity.BROKEN, SubIndication.HASH_FAILURE),
    ("digest absent", without("message_digest"), Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE),
    ("digest twice", repeated("message_digest"), Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE),
    ("content type absent", without("content_type"), Integrity.INTACT, SubIndication.FORMAT_FAILURE),
    ("content type wrong", changed("content_type", "tst_info"), Integrity.INTACT, SubIndication.FORMAT_FAILURE),
    ("content type twice", repeated("content_type"), Integrity.INTACT, SubIndication.FORMAT_FAILURE),
    (
        "ESS twice",
        repeated("signing_certificate_v2"),
        Integrity.INTACT,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    ),
    (
        "algorithm protection wrong",
        lambda attributes: [*attributes, ("cms_algorithm_protection", [_protection("sha512")])],
        Integrity.INTACT,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    ),
]


@pytest.mark.parametrize(
    ("change", "integrity", "sub_indication"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_an_attribute_that_is_wrong(
    pki: DemoPki, make: Make, change: Change, integrity: Integrity, sub_indication: SubIndication
) -> None:
    verdict = judged(pki, replace(make, change=change))
    assert (verdict.facts.integrity, verdict.sub_indication) == (integrity, sub_indication)


def test_algorithm_protection_that_agrees_is_fine(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, change=lambda a: [*a, ("cms_algorithm_protection", [_protection("sha256")])]))
    assert verdict.sub_indication is None


def test_the_designated_certificate_is_another(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, ess_of=pki.holder("employee")))
    assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    assert "SIGNING-CERTIFICATE-MISMATCH" in codes(verdict)
    assert verdict.facts.signer is None


@pytest.mark.parametrize("first", ["v1", "v2"])
def test_bound_in_both_forms_it_is_the_same_certificate(first: str, pki: DemoPki, make: Make) -> None:
    """RFC 5035 §5.4: of two attributes programs look at one, and would name two signers where the key has two."""
    named = {"v1": ("signing_certificate", as_signing_certificate), "v2": ("signing_certificate_v2", as_v2)}
    name, kind = named["v2" if first == "v1" else "v1"]

    def also(holder: Holder) -> SignatureVerdict:
        return judged(pki, replace(make, ess=first, change=lambda old: [*old, (name, [kind(holder.asn1)])]))

    assert also(make.holder).sub_indication is None
    other = also(pki.holder("company"))
    assert other.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    assert "SIGNING-CERTIFICATE-MISMATCH" in codes(other)


def test_without_designation_it_is_no_baseline_but_no_failure(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, ess=None))
    assert (verdict.sub_indication, verdict.facts.level) == (None, None)
    assert "SIGNING-CERTIFICATE-ATTRIBUTE-ABSENT" in codes(verdict)
    assert judged(pki, replace(make, ess=None), "adbe.pkcs7.detached").facts.level is SignatureLevel.PKCS7_B


def test_no_certificate_at_all(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, certificates=()))
    assert verdict.facts.integrity is Integrity.UNKNOWN
    assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_another_persons_certificate_under_the_same_identifier(pki: DemoPki, make: Make) -> None:
    """The attacker embeds a certificate with the signer's issuer and serial number, but an own key."""
    namesake = _namesake(pki.holder("citizen"), pki.holder("company"))
    verdict = judged(pki, replace(make, certificates=(namesake, pki.holder("citizen").asn1)))
    assert verdict.sub_indication is None
    assert verdict.facts.signer is not None
    assert verdict.facts.signer.name == "Nguyễn Văn Mẫu"
    alone = judged(pki, replace(make, certificates=(namesake,)))
    assert alone.facts.integrity is Integrity.BROKEN


def test_attributes_signed_in_another_order_are_broken_by_the_standard_and_the_signers(
    pki: DemoPki, make: Make
) -> None:
    verdict = judged(pki, replace(make, sorted_attributes=False))
    assert verdict.facts.integrity is Integrity.BROKEN
    assert verdict.sub_indication is SubIndication.SIG_CRYPTO_FAILURE
    assert "SIGNED-ATTRIBUTES-NOT-DER" in codes(verdict)
    assert not {"SIGNATURE-VALUE-WRONG", "INTEGRITY-BROKEN"} & codes(verdict)


def test_attributes_in_another_order_that_were_changed_since_are_broken(pki: DemoPki, make: Make) -> None:
    def build(covered: bytes) -> bytes:
        made = make_cms(replace(make, sorted_attributes=False), covered)
        value = cms.ContentInfo.load(made)["content"]["signer_infos"][0]["signature"].native
        return made.replace(value, value[:-1] + bytes([value[-1] ^ 1]))

    _, (verdict,) = verdicts(embed(blank_paper(), build, PADES), environment(pki))
    assert verdict.sub_indication is SubIndication.SIG_CRYPTO_FAILURE
    assert "SIGNED-ATTRIBUTES-NOT-DER" not in codes(verdict)


def test_without_signed_attributes_the_content_itself_is_signed(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, with_attributes=False), "adbe.pkcs7.detached")
    assert verdict.facts.integrity is Integrity.INTACT
    assert "SIGNED-ATTRIBUTES-ABSENT" in codes(verdict)


def test_two_signers_are_one_too_many(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, signers=2))
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert "SEVERAL-SIGNERS" in codes(verdict)


def test_trailing_bytes_behind_the_structure_are_said(pki: DemoPki, make: Make) -> None:
    document = embed(blank_paper(), lambda covered: make_cms(make, covered) + b"\x01stray", PADES)
    _, (verdict,) = verdicts(document, environment(pki))
    assert "CONTENTS-TRAILING-DATA" in codes(verdict)
    assert verdict.facts.integrity is Integrity.INTACT


def test_encapsulated_content_in_a_detached_signature_is_said(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, encapsulated=b"something else"))
    assert verdict.facts.integrity is Integrity.BROKEN
    assert "CONTENT-ENCAPSULATED" in codes(verdict)


def test_encapsulated_content_must_be_what_is_covered(pki: DemoPki, make: Make) -> None:
    """One digest stands in the signature: of the covered bytes (PDF) and of the content inside (CMS)."""

    def build(inside: bytes | None) -> Callable[[bytes], bytes]:
        def cms_of(covered: bytes) -> bytes:
            digest = changed("message_digest", hashlib.sha256(covered).digest())
            return make_cms(replace(make, encapsulated=covered if inside is None else inside, change=digest), covered)

        return cms_of

    for inside, integrity in ((None, Integrity.INTACT), (b"", Integrity.BROKEN), (b"another", Integrity.BROKEN)):
        _, (verdict,) = verdicts(embed(blank_paper(), build(inside), PADES), environment(pki))
        assert verdict.facts.integrity is integrity, inside
        assert "CONTENT-ENCAPSULATED" in codes(verdict)


@pytest.mark.parametrize(("digest", "integrity"), [("sha512", Integrity.INTACT), ("sha256", Integrity.UNKNOWN)])
def test_eddsa_with_another_digest_is_no_defined_algorithm(
    pki: DemoPki, make: Make, digest: str, integrity: Integrity
) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    issued = make.holder.certificate
    certificate = (
        x509.CertificateBuilder(issued.issuer, issued.subject, key.public_key(), issued.serial_number)
        .not_valid_before(issued.not_valid_before_utc)
        .not_valid_after(issued.not_valid_after_utc)
        .sign(key, None)
    )
    unsafe: Any = key  # the demo PKI issues no such keys
    verdict = judged(
        pki, replace(make, digest=digest, holder=replace(make.holder, certificate=certificate, key=unsafe))
    )
    assert verdict.facts.integrity is integrity
    assert ("DIGEST-NOT-OF-EDDSA" in codes(verdict)) is (integrity is Integrity.UNKNOWN)


@pytest.mark.parametrize("around", ["sha1", "sha256"])
def test_pkcs7_sha1_signs_the_digest(pki: DemoPki, make: Make, around: str) -> None:
    """Whatever the CMS around it works with: two documents of one SHA-1 digest are to be had (shattered.io)."""

    def build(covered: bytes) -> bytes:
        digest = hashlib.sha1(covered).digest()
        return make_cms(replace(make, digest=around, encapsulated=digest), covered)

    _, (verdict,) = verdicts(embed(blank_paper(), build, "adbe.pkcs7.sha1"), environment(pki))
    assert (verdict.facts.integrity, verdict.facts.level) == (Integrity.INTACT, SignatureLevel.PKCS7_B)
    assert verdict.sub_indication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
    broken = judged(pki, replace(make, encapsulated=bytes(20)), "adbe.pkcs7.sha1")
    assert broken.sub_indication is SubIndication.HASH_FAILURE


def test_an_unknown_subfilter_is_still_a_signature(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, make, "acme.detached")
    assert verdict.facts.integrity is Integrity.INTACT
    assert verdict.facts.level is None
    assert "SUBFILTER-UNKNOWN" in codes(verdict)


def test_garbage_in_contents_fails_by_form(pki: DemoPki) -> None:
    _, (verdict,) = verdicts(embed(blank_paper(), lambda _: b"\x30\x03abc", PADES), environment(pki))
    assert verdict.sub_indication is SubIndication.FORMAT_FAILURE
    assert "CMS-UNREADABLE" in codes(verdict)


def test_a_claim_from_before_the_certificate_is_for_an_officer(pki: DemoPki, make: Make) -> None:
    valid_from = pki.holder("citizen").certificate.not_valid_before_utc
    verdict = judged(pki, replace(make, claimed=valid_from - timedelta(days=1)))
    assert verdict.sub_indication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert "CLAIMED-TIME-BEFORE-CERTIFICATE" in codes(verdict)


def test_a_claim_from_the_future_is_said(pki: DemoPki, make: Make) -> None:
    verdict = judged(pki, replace(make, claimed=now() + timedelta(days=2)))
    assert "CLAIMED-TIME-IN-FUTURE" in codes(verdict)


def _protection(digest: str) -> cms.CMSAlgorithmProtection:
    return cms.CMSAlgorithmProtection(
        {
            "digest_algorithm": {"algorithm": digest},
            "signature_algorithm": cms.SignedDigestAlgorithm(
                {"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()}
            ),
        }
    )


def _namesake(victim: Holder, attacker: Holder) -> asn1_x509.Certificate:
    """A certificate of the victim's issuer and serial number for the attacker's key, signed by nobody of note."""
    made = (
        x509.CertificateBuilder()
        .subject_name(victim.certificate.subject)
        .issuer_name(victim.certificate.issuer)
        .serial_number(victim.certificate.serial_number)
        .not_valid_before(victim.certificate.not_valid_before_utc)
        .not_valid_after(victim.certificate.not_valid_after_utc)
        .public_key(attacker.key.public_key())
        .sign(attacker.key, hashes.SHA256())
    )
    return asn1_x509.Certificate.load(made.public_bytes(Encoding.DER))
