"""What a certificate may be used for: only explicit exclusions count."""

from __future__ import annotations

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.profile import may_sign, may_time_stamp
from demo.issuing import CA_USAGE
from demo.pki import DemoPki


@pytest.mark.parametrize(
    "slug", ["citizen", "company", "employee", "bank", "citizen-ec", "officer", "agency", "officer-g1"]
)
def test_real_leaf_profiles_may_sign(pki: DemoPki, slug: str) -> None:
    assert may_sign(pki.holder(slug).asn1)
    assert not may_time_stamp(pki.holder(slug).asn1)


@pytest.mark.parametrize("usage", [None, ("digital_signature",), ("content_commitment",)])
def test_no_usage_or_any_signing_bit_is_enough(pki: DemoPki, usage: tuple[str, ...] | None) -> None:
    assert may_sign(pki.issue("used", usage=usage).asn1)


def test_a_key_for_encryption_only_does_not_sign(pki: DemoPki) -> None:
    assert not may_sign(pki.issue("encrypting", usage=("key_encipherment",)).asn1)


@pytest.mark.parametrize("slug", ["public-root", "public-sub", "g1-sub"])
def test_a_ca_does_not_sign_documents_nor_stamp_them(pki: DemoPki, slug: str) -> None:
    assert not may_sign(pki.authority(slug).asn1)
    assert not may_time_stamp(pki.authority(slug).asn1)


def test_a_leaf_that_says_ca_does_not_sign(pki: DemoPki) -> None:
    assert not may_sign(pki.issue("ca-leaf", ca=True, usage=(*CA_USAGE, "digital_signature")).asn1)


def test_only_a_critical_time_stamping_usage_excludes_signing(pki: DemoPki) -> None:
    stamp = (ExtendedKeyUsageOID.TIME_STAMPING,)
    assert not may_sign(pki.holder("tsa-official").asn1)
    assert may_sign(pki.issue("lenient", extended_usage=stamp, extended_usage_critical=False).asn1)
    mixed = (*stamp, ExtendedKeyUsageOID.EMAIL_PROTECTION)
    assert may_sign(pki.issue("mixed", extended_usage=mixed, extended_usage_critical=True).asn1)


def test_time_stamping_needs_its_usage(pki: DemoPki) -> None:
    assert may_time_stamp(pki.holder("tsa-official").asn1)
    assert may_time_stamp(pki.holder("tsa-public").asn1)
