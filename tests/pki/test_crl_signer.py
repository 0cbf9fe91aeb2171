"""Whose CRL counts: the issuer's, that of a key certified for it, an indirect one (RFC 5280 §5.2.5, §6.3.3)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certs.revocation import CertStatus
from demo.issuing import CA_USAGE, Authority, Profile, build, build_crl, name, to_asn1
from demo.pki import DemoPki
from tests.pki.statements import (
    AT,
    COMPROMISE,
    DAY,
    HOUR,
    ask,
    crl,
    garbled_extension,
    point,
    responder_of,
    response,
)


class TestSigner:
    """Who may state it: the issuer's key, or a key that a CA of the path certified for it."""

    def test_a_forged_crl_is_not_believed(self, still: DemoPki) -> None:
        forger = Authority("forger", still.authority("public-sub").certificate, still.authority("stranger-root").key)
        forged = build_crl(forger, AT - HOUR, AT + DAY, {})
        answer = ask(still, crls=[forged])
        assert answer.status is CertStatus.UNKNOWN
        assert "not signed by" in answer.detail

    def test_a_changed_crl_is_not_believed(self, still: DemoPki) -> None:
        changed = bytearray(crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)}))
        where = changed.index(still.holder("citizen").certificate.serial_number.to_bytes(20, "big")[-8:])
        changed[where] ^= 1
        assert ask(still, crls=[bytes(changed)]).status is CertStatus.UNKNOWN

    def test_the_other_generation_does_not_answer_for_this_one(self, still: DemoPki) -> None:
        assert ask(still, crls=[crl(still, by="public-sub-old")]).status is CertStatus.UNKNOWN

    def test_the_next_key_of_the_same_ca_does_if_the_path_certified_it(self, still: DemoPki) -> None:
        """A CA re-keys and signs the lists of its older certificates with the new key."""
        old = still.authority("public-sub-old").certificate
        profile = Profile(old.subject, AT - 400 * DAY, AT + 100 * DAY, ca=True, usage=CA_USAGE)
        next_key = Authority(
            "next",
            build(profile, still.authority("stranger-root").key.public_key(), still.authority("public-root")),
            still.authority("stranger-root").key,
        )
        then = AT - 450 * DAY
        statement = build_crl(
            next_key,
            AT - 390 * DAY,
            AT - 380 * DAY,
            {still.holder("old-generation").certificate.serial_number: (then, COMPROMISE)},
        )
        asked = {"crls": [statement], "at": then + DAY, "validation_time": AT}
        assert ask(still, "old-generation", **asked).status is CertStatus.UNKNOWN  # type: ignore[arg-type]
        known = {"extra": [to_asn1(next_key.certificate)]}
        assert ask(still, "old-generation", **asked, **known).status is CertStatus.REVOKED  # type: ignore[arg-type]
        revoked_next = build_crl(
            still.authority("public-root"),
            AT - HOUR,
            AT + DAY,
            {next_key.certificate.serial_number: (AT - 420 * DAY, COMPROMISE)},
        )
        asked["crls"] = [statement, revoked_next]
        assert ask(still, "old-generation", **asked, **known).status is CertStatus.UNKNOWN  # type: ignore[arg-type]

    @pytest.mark.parametrize("part", ["key_usage", "authority_key_identifier", "basic_constraints"])
    def test_a_garbled_namesake_that_came_along_spoils_nothing(self, still: DemoPki, part: str) -> None:
        garbled = garbled_extension(still.authority("public-sub").asn1, part)
        good = ask(still, crls=[crl(still)], extra=[garbled])
        assert good.status is CertStatus.GOOD
        delegated = response(still, signer=responder_of(still))
        assert ask(still, ocsps=[delegated], extra=[garbled, still.holder("ocsp-public-sub").asn1]).status is (
            CertStatus.GOOD
        )

    def test_a_signer_certified_by_a_stranger_does_not(self, still: DemoPki) -> None:
        profile = Profile(
            still.authority("public-sub").certificate.subject, AT - DAY, AT + DAY, ca=True, usage=CA_USAGE
        )
        key = still.authority("stranger-root").key
        stranger = Authority("x", build(profile, key.public_key(), still.authority("stranger-root")), key)
        statement = build_crl(stranger, AT - HOUR, AT + DAY, {})
        assert ask(still, crls=[statement], extra=[to_asn1(stranger.certificate)]).status is CertStatus.UNKNOWN

    def test_a_certificate_without_crl_signing_does_not(self, still: DemoPki) -> None:
        """A leaf whose subject is the CA's own name, issued by that CA."""
        subject = still.authority("public-sub").certificate.subject
        silent: dict[str, Any] = {"crl_urls": (), "ocsp_urls": ()}
        leaf = still.issue("namesake", subject=subject, key=still.authority("stranger-root").key, **silent)
        signer = Authority("y", leaf.certificate, still.authority("stranger-root").key)
        statement = build_crl(signer, AT - HOUR, AT + DAY, {})
        assert ask(still, crls=[statement], extra=[leaf.asn1]).status is CertStatus.UNKNOWN
        able = still.issue("namesake", subject=subject, key=signer.key, usage=("crl_sign",), **silent)
        statement = build_crl(Authority("y", able.certificate, signer.key), AT - HOUR, AT + DAY, {})
        assert ask(still, crls=[statement], extra=[able.asn1]).status is CertStatus.GOOD


class TestIndirect:
    """A CRL of another issuer, which the certificate's own distribution point names."""

    def indirect(self, still: DemoPki, *, usage: tuple[str, ...] = ("crl_sign",)) -> Authority:
        key = still.authority("stranger-root").key
        issued = still.issue(
            "crl-issuer",
            subject=name((NameOID.COMMON_NAME, "DEMO CRL issuer")),
            key=key,
            usage=usage,
            crl_urls=(),
            ocsp_urls=(),
        )
        return Authority("crl-issuer", issued.certificate, key)

    def statement(self, still: DemoPki, signer: Authority, *, flag: bool, named: str | None) -> bytes:
        entry = x509.RevokedCertificateBuilder(still.holders["indirect"].certificate.serial_number, AT - DAY)
        if named is not None:
            issuer = x509.DirectoryName(still.authority(named).certificate.subject)
            entry = entry.add_extension(x509.CertificateIssuer([issuer]), critical=True)
        builder = x509.CertificateRevocationListBuilder(signer.certificate.subject, AT - HOUR, AT + DAY)
        if flag:
            builder = builder.add_extension(*point(indirect_crl=True))
        built = builder.add_revoked_certificate(entry.build()).sign(signer.key, hashes.SHA256())
        return built.public_bytes(Encoding.DER)

    def test_named_flagged_and_certified_it_counts(self, still: DemoPki) -> None:
        signer = self.indirect(still)
        still.issue("indirect", crl_issuer=signer.certificate.subject)
        statement = self.statement(still, signer, flag=True, named="public-sub")
        extra = [to_asn1(signer.certificate)]
        assert ask(still, "indirect", crls=[statement], extra=extra).status is CertStatus.REVOKED
        assert ask(still, "citizen", crls=[statement], extra=extra).status is CertStatus.UNKNOWN
        assert ask(still, "indirect", crls=[statement]).status is CertStatus.UNKNOWN

    def test_an_entry_of_another_issuer_with_the_same_serial_is_not_ours(self, still: DemoPki) -> None:
        signer = self.indirect(still)
        still.issue("indirect", crl_issuer=signer.certificate.subject)
        extra = [to_asn1(signer.certificate)]
        for named in ("official-sub", None):
            statement = self.statement(still, signer, flag=True, named=named)
            assert ask(still, "indirect", crls=[statement], extra=extra).status is CertStatus.GOOD

    def test_without_the_flag_it_does_not_count(self, still: DemoPki) -> None:
        signer = self.indirect(still)
        still.issue("indirect", crl_issuer=signer.certificate.subject)
        statement = self.statement(still, signer, flag=False, named="public-sub")
        answer = ask(still, "indirect", crls=[statement], extra=[to_asn1(signer.certificate)])
        assert answer.status is CertStatus.UNKNOWN
