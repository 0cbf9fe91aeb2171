"""What a CRL says about a certificate at a time (RFC 5280 §5, §6.3; TT 15/2025 Đ.6)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from asn1crypto import core, pem
from asn1crypto import crl as asn1_crl
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from certs.revocation import CertStatus, EvidenceKind
from demo.issuing import CA_USAGE, Authority, build_crl
from demo.pki import DemoPki
from tests.pki.statements import (
    AT,
    COMPROMISE,
    DAY,
    HOLD,
    HOUR,
    ask,
    crl,
    point,
)


class TestCrlIssuer:
    """A distribution point that names its own issuer as cRLIssuer: an ordinary CRL, which the engine drops."""

    @pytest.mark.parametrize("slug", ["citizen", "plain"])
    def test_good_with_and_without(self, still: DemoPki, slug: str) -> None:
        points = still.holder(slug).asn1.crl_distribution_points_value
        assert bool(points[0]["crl_issuer"].native) is (slug == "citizen")
        assert ask(still, slug, crls=[crl(still)]).status is CertStatus.GOOD

    @pytest.mark.parametrize("slug", ["citizen", "plain"])
    def test_revoked_with_and_without(self, still: DemoPki, slug: str) -> None:
        answer = ask(still, slug, crls=[crl(still, revoked={slug: (AT - DAY, COMPROMISE)})])
        assert (answer.status, answer.revoked_at, answer.reason) == (CertStatus.REVOKED, AT - DAY, "keyCompromise")

    def test_another_cas_list_does_not_count_although_it_is_named_so(self, still: DemoPki) -> None:
        assert ask(still, crls=[crl(still, by="official-sub")]).status is CertStatus.UNKNOWN


class TestTime:
    """Revoked when; stated when; for which time does the statement speak."""

    def test_without_any_crl_the_status_is_unknown(self, still: DemoPki) -> None:
        answer = ask(still)
        assert (answer.status, answer.detail) == (CertStatus.UNKNOWN, "no revocation information")

    def test_the_evidence_is_handed_back(self, still: DemoPki) -> None:
        der = crl(still)
        (piece,) = ask(still, crls=[der]).evidence
        assert (piece.kind, piece.der) == (EvidenceKind.CRL, der)

    def test_revoked_at_that_very_second(self, still: DemoPki) -> None:
        statement = crl(still, revoked={"citizen": (AT, COMPROMISE)})
        assert ask(still, crls=[statement]).status is CertStatus.REVOKED
        assert ask(still, crls=[statement], at=AT - timedelta(seconds=1)).status is CertStatus.GOOD

    def test_a_revocation_after_that_time_is_handed_on(self, still: DemoPki) -> None:
        later = crl(still, stated=AT + 2 * DAY, until=AT + 3 * DAY, revoked={"citizen": (AT + DAY, COMPROMISE)})
        answer = ask(still, crls=[later], validation_time=AT + 2 * DAY)
        assert (answer.status, answer.revoked_at, answer.reason) == (CertStatus.GOOD, AT + DAY, "keyCompromise")

    def test_in_force_at_that_time(self, still: DemoPki) -> None:
        statement = crl(still, stated=AT - DAY, until=AT)
        assert ask(still, crls=[statement]).status is CertStatus.GOOD
        assert ask(still, crls=[statement], validation_time=AT + 100 * DAY).status is CertStatus.GOOD

    def test_out_of_date_at_that_time(self, still: DemoPki) -> None:
        stale = crl(still, stated=AT - 2 * DAY, until=AT - timedelta(seconds=1))
        answer = ask(still, crls=[stale])
        assert answer.status is CertStatus.UNKNOWN
        assert "out of date" in answer.detail

    def test_stated_after_that_time(self, still: DemoPki) -> None:
        later = crl(still, stated=AT + DAY, until=AT + 2 * DAY)
        assert ask(still, crls=[later], validation_time=AT + 5 * DAY).status is CertStatus.GOOD

    def test_stated_after_the_validation_time_is_not_believed(self, still: DemoPki) -> None:
        future = crl(still, stated=AT + HOUR)
        assert ask(still, crls=[future]).status is CertStatus.UNKNOWN
        assert ask(still, crls=[crl(still, stated=AT + timedelta(minutes=4))]).status is CertStatus.GOOD

    def test_an_outdated_crl_still_proves_a_revocation(self, still: DemoPki) -> None:
        stale = crl(still, stated=AT - 9 * DAY, until=AT - 8 * DAY, revoked={"citizen": (AT - 10 * DAY, COMPROMISE)})
        assert ask(still, crls=[stale]).status is CertStatus.REVOKED

    def test_a_good_crl_beside_one_that_revokes_does_not_help(self, still: DemoPki) -> None:
        good, bad = crl(still), crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)})
        assert ask(still, crls=[good, bad]).status is CertStatus.REVOKED
        assert ask(still, crls=[bad, good]).status is CertStatus.REVOKED


class TestSuspension:
    """TT 15/2025 Đ.6: suspended at signing time is not valid; a suspension can end."""

    def test_suspended_at_that_time(self, still: DemoPki) -> None:
        answer = ask(still, crls=[crl(still, revoked={"citizen": (AT - DAY, HOLD)})])
        assert (answer.status, answer.reason) == (CertStatus.REVOKED, "certificateHold")

    def test_an_outdated_suspension_proves_nothing(self, still: DemoPki) -> None:
        stale = crl(still, stated=AT - 9 * DAY, until=AT - 8 * DAY, revoked={"citizen": (AT - 10 * DAY, HOLD)})
        assert ask(still, crls=[stale]).status is CertStatus.UNKNOWN
        assert ask(still, crls=[stale, crl(still)]).status is CertStatus.GOOD

    def test_removed_from_the_list(self, still: DemoPki) -> None:
        lifted = crl(still, revoked={"citizen": (AT - DAY, x509.ReasonFlags.remove_from_crl)})
        assert ask(still, crls=[lifted]).status is CertStatus.GOOD

    def test_a_suspension_without_a_next_update_holds_as_long_as_silence_would(self, still: DemoPki) -> None:
        """What is too new to be outdated as "not listed" is too new to be outdated as "suspended"."""
        suspended = without_next_update(still, crl(still, revoked={"citizen": (AT - DAY, HOLD)}))
        for age in (HOUR / 6, HOUR / 3):
            assert ask(still, crls=[suspended], at=AT - HOUR + age).status is CertStatus.REVOKED
        assert ask(still, crls=[suspended], at=AT).status is CertStatus.UNKNOWN


def without_next_update(still: DemoPki, der: bytes) -> bytes:
    """The same list, signed anew without the time of the next one (which RFC 5280 demands and ASN.1 does not)."""
    parsed = asn1_crl.CertificateList.load(der)
    tbs = parsed["tbs_cert_list"].copy()
    tbs["next_update"] = None
    value = still.authority("public-sub").key.sign(tbs.dump(force=True), padding.PKCS1v15(), hashes.SHA256())
    whole = {"tbs_cert_list": tbs, "signature_algorithm": parsed["signature_algorithm"], "signature": value}
    return bytes(asn1_crl.CertificateList(whole).dump())


class TestExpired:
    """RFC 5280 §3.3: an entry may be dropped after the certificate's expiry, so later silence means nothing."""

    EXPIRED = AT - 35 * DAY

    def test_silence_after_expiry_is_unknown(self, still: DemoPki) -> None:
        late = crl(still, stated=AT - HOUR)
        answer = ask(still, "expired", crls=[late], at=self.EXPIRED - DAY, validation_time=AT)
        assert answer.status is CertStatus.UNKNOWN
        assert "may have been dropped" in answer.detail

    def test_a_crl_from_within_validity_counts(self, still: DemoPki) -> None:
        then = crl(still, stated=self.EXPIRED - DAY, until=self.EXPIRED + DAY)
        answer = ask(still, "expired", crls=[then], at=self.EXPIRED - 2 * DAY, validation_time=AT)
        assert answer.status is CertStatus.GOOD

    def test_a_revocation_listed_after_expiry_counts(self, still: DemoPki) -> None:
        late = crl(still, revoked={"expired": (self.EXPIRED - 3 * DAY, COMPROMISE)})
        answer = ask(still, "expired", crls=[late], at=self.EXPIRED - DAY, validation_time=AT)
        assert answer.status is CertStatus.REVOKED

    @pytest.mark.parametrize(
        ("kept_since", "status"),
        [
            (EXPIRED - DAY, CertStatus.GOOD),
            (EXPIRED + DAY, CertStatus.UNKNOWN),
        ],
    )
    def test_an_issuer_that_keeps_entries_may_be_silent(
        self, still: DemoPki, kept_since: datetime, status: CertStatus
    ) -> None:
        value = core.GeneralizedTime(kept_since).dump()
        kept = (x509.UnrecognizedExtension(ObjectIdentifier("2.5.29.60"), value), False)
        late = crl(still, extensions=[kept])
        assert ask(still, "expired", crls=[late], at=self.EXPIRED - DAY, validation_time=AT).status is status


class TestScope:
    """The issuing distribution point says whom a CRL speaks about (RFC 5280 5.2.5)."""

    URL = "http://127.0.0.1:9/crl/public-sub.crl"

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({}, CertStatus.GOOD),
            ({"only_contains_user_certs": True}, CertStatus.GOOD),
            ({"only_contains_ca_certs": True}, CertStatus.UNKNOWN),
            ({"only_contains_attribute_certs": True}, CertStatus.UNKNOWN),
            ({"only_some_reasons": frozenset({COMPROMISE})}, CertStatus.UNKNOWN),
            ({"indirect_crl": True}, CertStatus.GOOD),
        ],
    )
    @pytest.mark.parametrize("urls", [(), (URL,), ("http://127.0.0.1:9/other.crl", URL)])
    def test_good_only_if_it_covers_the_certificate(
        self, still: DemoPki, changes: dict[str, object], status: CertStatus, urls: tuple[str, ...]
    ) -> None:
        if not changes and not urls:
            urls = (self.URL,)  # an empty extension does not exist
        assert ask(still, "plain", crls=[crl(still, extensions=[point(urls=urls, **changes)])]).status is status
        assert ask(still, "citizen", crls=[crl(still, extensions=[point(urls=urls, **changes)])]).status is status

    def test_of_another_distribution_point(self, still: DemoPki) -> None:
        other = crl(still, extensions=[point(urls=("http://127.0.0.1:9/other.crl",))])
        answer = ask(still, crls=[other])
        assert answer.status is CertStatus.UNKNOWN
        assert "another distribution point" in answer.detail

    def test_user_lists_do_not_speak_about_cas(self, still: DemoPki) -> None:
        still.holders["sub"] = still.issue("sub", issuer="public-root", ca=True, usage=CA_USAGE, crl_urls=())
        users = crl(still, by="public-root", extensions=[point(only_contains_user_certs=True)])
        authorities = crl(still, by="public-root", extensions=[point(only_contains_ca_certs=True)])
        assert ask(still, "sub", crls=[users]).status is CertStatus.UNKNOWN
        assert ask(still, "sub", crls=[authorities]).status is CertStatus.GOOD

    def test_lists_for_some_reasons_add_up(self, still: DemoPki) -> None:
        every = [
            reason
            for reason in x509.ReasonFlags
            if reason not in (x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl)
        ]
        one = crl(still, extensions=[point(only_some_reasons=frozenset(every[:4]))])
        rest = crl(still, extensions=[point(only_some_reasons=frozenset(every[4:]))])
        assert ask(still, crls=[one, one]).status is CertStatus.UNKNOWN
        both = ask(still, crls=[one, rest])
        assert (both.status, len(both.evidence)) == (CertStatus.GOOD, 2)

    def test_a_revocation_in_a_partial_list_counts(self, still: DemoPki) -> None:
        partial = crl(
            still,
            revoked={"citizen": (AT - DAY, COMPROMISE)},
            extensions=[point(only_some_reasons=frozenset({COMPROMISE}))],
        )
        assert ask(still, crls=[partial]).status is CertStatus.REVOKED

    def test_a_delta_is_silent_but_may_revoke(self, still: DemoPki) -> None:
        delta = (x509.DeltaCRLIndicator(1), True)
        assert ask(still, crls=[crl(still, extensions=[delta])]).status is CertStatus.UNKNOWN
        revoking = crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)}, extensions=[delta])
        assert ask(still, crls=[revoking]).status is CertStatus.REVOKED

    def test_an_unknown_critical_extension_makes_it_unusable(self, still: DemoPki) -> None:
        odd = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
        assert ask(still, crls=[crl(still, extensions=[(odd, True)])]).status is CertStatus.UNKNOWN
        assert ask(still, crls=[crl(still, extensions=[(odd, False)])]).status is CertStatus.GOOD

    @pytest.mark.parametrize(
        ("oid", "value", "critical"),
        [("1.2.3.4.5", b"\x05\x00", True), ("2.5.29.21", b"\x0a\x01\x07", False), ("2.5.29.21", b"\x01", False)],
        ids=["unknown and critical", "a reason that does not exist", "no reason at all"],
    )
    def test_an_entry_that_cannot_be_read_in_full_still_revokes(
        self, still: DemoPki, oid: str, value: bytes, critical: bool
    ) -> None:
        """X.509 §7.3: whoever is listed is revoked; no older list, still in force, may speak in this one's place."""
        odd = x509.UnrecognizedExtension(ObjectIdentifier(oid), value)
        entry = x509.RevokedCertificateBuilder(still.holder("citizen").certificate.serial_number, AT - DAY)
        authority = still.authority("public-sub")
        built = (
            x509.CertificateRevocationListBuilder(authority.certificate.subject, AT - HOUR, AT + DAY)
            .add_revoked_certificate(entry.add_extension(odd, critical=critical).build())
            .sign(authority.key, hashes.SHA256())
        )
        older = crl(still, stated=AT - 2 * DAY)
        answer = ask(still, crls=[older, built.public_bytes(Encoding.DER)])
        assert (answer.status, answer.revoked_at) == (CertStatus.REVOKED, AT - DAY)
        assert ask(still, crls=[older]).status is CertStatus.GOOD


class TestEncoding:
    """What comes over the wire."""

    def test_pem_text(self, still: DemoPki) -> None:
        der = crl(still)
        answer = ask(still, crls=[pem.armor("X509 CRL", der)])
        assert (answer.status, answer.evidence[0].der) == (CertStatus.GOOD, der)

    @pytest.mark.parametrize(
        "data", [b"", b"0", b"<html>not found</html>", b"-----BEGIN X509 CRL-----\n", b"\x30\x80"], ids=repr
    )
    def test_what_is_no_crl_is_unknown(self, still: DemoPki, data: bytes) -> None:
        assert ask(still, crls=[data]).status is CertStatus.UNKNOWN

    def test_garbled_crls_raise_nothing_and_are_not_believed(self, still: DemoPki) -> None:
        der = crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)}, extensions=[point(urls=(TestScope.URL,))])
        for position in range(0, len(der), 3):
            broken = bytearray(der)
            broken[position] ^= 0xFF
            assert ask(still, crls=[bytes(broken)]).status is CertStatus.UNKNOWN

    def test_sha1_is_accepted_from_the_old_tree_only(self, still: DemoPki) -> None:
        old = crl(still, by="g1-sub", revoked={"officer-g1": (AT - DAY, COMPROMISE)})
        assert asn1_crl.CertificateList.load(old)["signature_algorithm"]["algorithm"].native == "sha1_rsa"
        assert ask(still, "officer-g1", crls=[old]).status is CertStatus.REVOKED
        authority = still.authority("public-sub")
        weak = build_crl(Authority("weak", authority.certificate, authority.key, sha1=True), AT - HOUR, AT + DAY, {})
        assert ask(still, crls=[weak]).status is CertStatus.UNKNOWN

    def test_inner_and_outer_algorithm_must_agree(self, still: DemoPki) -> None:
        parsed = asn1_crl.CertificateList.load(crl(still))
        tbs = parsed["tbs_cert_list"].copy()
        tbs["signature"] = {"algorithm": "sha512_rsa"}
        signature = still.authority("public-sub").key.sign(tbs.dump(force=True), padding.PKCS1v15(), hashes.SHA256())
        whole = {"tbs_cert_list": tbs, "signature_algorithm": {"algorithm": "sha256_rsa"}, "signature": signature}
        assert ask(still, crls=[asn1_crl.CertificateList(whole).dump()]).status is CertStatus.UNKNOWN


def test_one_entry_is_found_among_a_hundred_thousand(still: DemoPki) -> None:
    """How long it takes is measured by ``make bench``."""
    entries = {10**9 + 7 * index: (AT - DAY, COMPROMISE) for index in range(100_000)}
    entries[still.holder("citizen").certificate.serial_number] = (AT - 2 * DAY, COMPROMISE)
    der = build_crl(still.authority("public-sub"), AT - HOUR, AT + DAY, entries)
    assert ask(still, crls=[der]).revoked_at == AT - 2 * DAY
