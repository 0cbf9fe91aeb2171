"""Two generations of a CA under one name: whose lists may be silent about whose certificates."""

from __future__ import annotations

from datetime import datetime

import pytest
from cryptography import x509

from certs.revocation import CertStatus
from demo.issuing import CA_USAGE, Authority, Profile, build, build_crl, to_asn1
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, HOUR, ask, crl


@pytest.mark.parametrize("generation", ["public-sub-old", "public-sub"])
def test_the_list_of_the_other_generation_is_silent_about_this_ones_certificates(
    still: DemoPki, generation: str
) -> None:
    """A revoked signer embeds it with that CA's certificate; it never heard of his, and was stated after he signed."""
    then = AT - 400 * DAY

    def stated(by: str) -> bytes:
        return crl(still, by=by, stated=then + HOUR, until=then + DAY)

    def status(*crls: bytes) -> CertStatus:
        extra = [still.authority("public-sub-old").asn1]
        return ask(still, crls=crls, extra=extra, at=then, validation_time=then + HOUR).status

    expected = CertStatus.GOOD if generation == "public-sub" else CertStatus.UNKNOWN
    assert status(stated(generation), stated("public-root")) is expected


def test_what_it_lists_counts_all_the_same(still: DemoPki) -> None:
    then: datetime = AT - 400 * DAY
    revoking = build_crl(
        still.authority("public-sub-old"),
        then + HOUR,
        then + DAY,
        {still.holder("citizen").certificate.serial_number: (then - DAY, x509.ReasonFlags.key_compromise)},
    )
    root = crl(still, by="public-root", stated=then + HOUR, until=then + DAY)
    known = [still.authority("public-sub-old").asn1]
    answer = ask(still, crls=[revoking, root], extra=known, at=then, validation_time=then + HOUR)
    assert answer.status is CertStatus.REVOKED


@pytest.mark.parametrize(
    ("usage", "by", "status"),
    [
        (("crl_sign",), "public-root", CertStatus.GOOD),
        (CA_USAGE, "public-root", CertStatus.UNKNOWN),
        (None, "public-root", CertStatus.UNKNOWN),
        (CA_USAGE, "public-sub", CertStatus.GOOD),
    ],
    ids=["a key for lists alone", "a CA of its own", "a CA without usage", "the next key, certified by this one"],
)
def test_who_speaks_for_a_ca_beside_its_own_key(
    still: DemoPki, usage: tuple[str, ...] | None, by: str, status: CertStatus
) -> None:
    """PKITS 4.4.19 has a key for lists alone; RFC 4210 §4.4 the next key that the old one certified."""
    subject, key = still.authority("public-sub").certificate.subject, still.authority("stranger-root").key
    profile = Profile(subject, AT - DAY, AT + DAY, ca=usage != ("crl_sign",), usage=usage)
    signer = Authority("lists", build(profile, key.public_key(), still.authority(by)), key)
    silent = build_crl(signer, AT - HOUR, AT + DAY, {})
    assert ask(still, crls=[silent], extra=[to_asn1(signer.certificate)]).status is status
