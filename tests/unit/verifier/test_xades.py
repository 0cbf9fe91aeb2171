"""What XAdES properties say and prove: the certificate they bind, claimed and proven times, embedded status."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from demo.issuing import Holder
from demo.pki import DemoPki
from demo.responders import Responders
from tests.properties.signed_files import der_of
from tests.unit.verifier.signing import codes, now, only, without_status
from tests.unit.verifier.xml_maker import (
    INVOICE,
    XADES,
    Ref,
    XmlMake,
    add_archive_stamp,
    edited,
    sign_xml,
)
from verifier.inputs import Environment
from verifier.policy import load_policy
from verifier.report import (
    Coverage,
    Integrity,
    Revocation,
    SignatureLevel,
    SubIndication,
)


@pytest.fixture(scope="module")
def environment(pki: DemoPki) -> Environment:
    return without_status(pki)


@pytest.fixture(scope="module")
def seller(pki: DemoPki) -> Holder:
    return pki.holder("company")


@pytest.mark.parametrize("form", ["v1", "v2"])
def test_xades_binds_the_certificate_and_claims_a_time(form: str, seller: Holder, environment: Environment) -> None:
    claimed = now() - timedelta(hours=1)
    verdict = only(sign_xml(INVOICE, XmlMake(seller, xades=form, claimed=claimed.isoformat())), environment)
    assert verdict.sub_indication is None, verdict.findings
    assert (verdict.facts.level, verdict.facts.claimed_signing_time) == (SignatureLevel.XADES_B, claimed)


def test_xades_that_names_another_certificate_has_no_signer(
    pki: DemoPki, seller: Holder, environment: Environment
) -> None:
    verdict = only(sign_xml(INVOICE, XmlMake(seller, xades="v2", bound=pki.holder("citizen"))), environment)
    assert verdict.sub_indication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    assert "SIGNING-CERTIFICATE-MISMATCH" in codes(verdict)


def test_properties_that_nobody_signed_claim_nothing(seller: Holder, environment: Environment) -> None:
    def unsign(signature: Any) -> None:
        info = signature[0]
        info.remove(info[-1])

    make = XmlMake(seller, xades="v2", claimed="2020-01-01T00:00:00Z", decorate=unsign)
    verdict = only(sign_xml(INVOICE, make), environment)
    assert (verdict.facts.level, verdict.facts.claimed_signing_time) == (SignatureLevel.XMLDSIG, None)
    assert "XADES-PROPERTIES-NOT-SIGNED" in codes(verdict)


def test_a_changed_claim_is_broken(seller: Holder, environment: Environment) -> None:
    signed = sign_xml(INVOICE, XmlMake(seller, xades="v2", claimed="2026-01-01T00:00:00Z"))
    verdict = only(signed.replace(b"2026-01-01T", b"2026-01-02T"), environment)
    assert (verdict.facts.integrity, verdict.facts.claimed_signing_time) == (Integrity.BROKEN, None)


def test_the_time_of_an_e_invoice_has_no_zone_and_is_vietnams(seller: Holder, environment: Environment) -> None:
    """Decision 1450/QĐ-TCT: SigningTime in a SignatureProperty of its own Object, signed beside the data."""
    held = (
        '<Object Id="time"><SignatureProperties><SignatureProperty Target="#sig">'
        '<SigningTime xmlns="">2026-05-04T10:02:01</SigningTime></SignatureProperty></SignatureProperties></Object>'
    )
    signed = sign_xml(INVOICE, XmlMake(seller, (Ref("#data"), Ref("#time")), objects=(held,)))
    verdict = only(signed, environment)
    assert verdict.facts.claimed_signing_time == datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert verdict.facts.coverage is Coverage.WHOLE_REVISION
    assert "CLAIMED-TIME-NO-ZONE" in codes(verdict)
    unsigned = only(sign_xml(INVOICE, XmlMake(seller, objects=(held,))), environment)
    assert unsigned.facts.claimed_signing_time is None


def test_a_time_stamp_proves_the_time_after_the_certificate_expired(
    pki: DemoPki, seller: Holder, environment: Environment
) -> None:
    stamped_at = now() - timedelta(minutes=5)
    make = XmlMake(seller, xades="v2", stamper=pki.holder("tsa-official"), stamped_at=stamped_at)
    signed = sign_xml(INVOICE, make)
    verdict = only(signed, environment)
    assert (verdict.facts.level, verdict.facts.best_signature_time) == (SignatureLevel.XADES_T, stamped_at)
    assert verdict.sub_indication is None
    other = sign_xml(INVOICE, dataclasses.replace(make, stamped_at=None))
    mixed = edited(other, lambda root: _transplant(signed, root))
    moved = only(mixed, environment)
    assert moved.facts.best_signature_time is not None  # RSA PKCS#1 v1.5: the same value, so the stamp is its own
    curve = sign_xml(INVOICE, XmlMake(pki.holder("citizen-ec"), xades="v2"))
    foreign = only(edited(curve, lambda root: _transplant(signed, root)), environment)
    assert (foreign.facts.best_signature_time, foreign.facts.level) == (None, SignatureLevel.XADES_B)
    assert "TIMESTAMP-IMPRINT-WRONG" in codes(foreign)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(0), None),
        (timedelta(minutes=20), "CLOCKS-DIFFER"),
        (-timedelta(minutes=20), "CLOCKS-DIFFER"),
        (timedelta(hours=3), "CLAIMED-TIME-AFTER-PROOF"),
        (-timedelta(hours=3), "CLAIMED-TIME-BEFORE-STAMP"),
    ],
)
def test_a_claim_is_weighed_against_the_signatures_own_stamp(
    ahead: timedelta, expected: str | None, pki: DemoPki, seller: Holder, environment: Environment
) -> None:
    stamped_at = now() - timedelta(days=1)
    claimed = (stamped_at + ahead).isoformat()
    make = XmlMake(seller, xades="v2", claimed=claimed, stamper=pki.holder("tsa-official"), stamped_at=stamped_at)
    verdict = only(sign_xml(INVOICE, make), environment)
    clocks = {"CLOCKS-DIFFER", "CLAIMED-TIME-AFTER-PROOF", "CLAIMED-TIME-BEFORE-STAMP"}
    assert clocks & codes(verdict) == ({expected} if expected else set())
    assert verdict.facts.best_signature_time == stamped_at


def _transplant(source: bytes, root: Any) -> None:
    """The unsigned properties of one document in another."""
    unsigned = next(etree.fromstring(source).iter(f"{{{XADES}}}UnsignedProperties"))
    next(root.iter(f"{{{XADES}}}QualifyingProperties")).append(unsigned)


def test_embedded_status_makes_lt_and_an_archive_stamp_lta(
    pki: DemoPki, responders: Responders, seller: Holder
) -> None:
    stamper = pki.holder("tsa-public")
    values = [one.dump() for holder in (seller, stamper) for one in holder.asn1_chain]
    make = XmlMake(
        seller,
        xades="v2",
        stamper=stamper,
        stamped_at=now(),
        certificate_values=tuple(dict.fromkeys(values)),
        crl_values=tuple(der_of(responders.crl(slug)) for slug in ("public-sub", "public-root")),
    )
    offline = Environment(load_policy(), pki.trust_store(), pki.catalogue())
    signed = sign_xml(INVOICE, make)
    verdict = only(signed, offline)
    assert (verdict.facts.revocation, verdict.sub_indication) == (Revocation.GOOD, None)
    assert verdict.facts.level is SignatureLevel.XADES_LT
    archived = add_archive_stamp(signed, stamper, now(), ("data",))
    assert only(archived, offline).facts.level is SignatureLevel.XADES_LTA
    fewer = edited(archived, _without_a_list)
    assert only(fewer, offline).facts.level is not SignatureLevel.XADES_LTA


def _without_a_list(root: Any) -> None:
    value = next(root.iter(f"{{{XADES}}}EncapsulatedCRLValue"))
    value.getparent().remove(value)
