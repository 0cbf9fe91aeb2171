"""What an OCSP response says about a certificate at a time (RFC 6960)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.ocsp import ocsp_request
from certs.revocation import (
    MAX_STATEMENTS,
    ArchivedSource,
    CertStatus,
    EmbeddedSource,
    EvidenceKind,
    status_at,
)
from demo.issuing import Holder, name
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, HOUR, ask, crl, response

COMPROMISE = x509.ReasonFlags.key_compromise
HOLD = x509.ReasonFlags.certificate_hold
REVOKED = ocsp.OCSPCertStatus.REVOKED
NO_CHECK: tuple[tuple[x509.ExtensionType, bool], ...] = ((x509.OCSPNoCheck(), False),)


def signer(holder: Holder) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    assert isinstance(holder.key, rsa.RSAPrivateKey)
    return holder.certificate, holder.key


def delegate(still: DemoPki, slug: str = "ocsp-public-sub", **changes: Any) -> dict[str, Any]:
    """Arguments for a response signed by a delegated responder, which it embeds."""
    holder = still.issue("responder", slug, **changes) if changes else still.holder(slug)
    return {"signer": signer(holder), "embed": [holder.certificate]}


class TestStatus:
    """good, revoked, unknown, and the times they are about."""

    @pytest.mark.parametrize("digest", [hashes.SHA1(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
    def test_good_whatever_the_digest_of_the_identifiers(self, still: DemoPki, digest: hashes.HashAlgorithm) -> None:
        answer = ask(still, ocsps=[response(still, digest=digest)])
        assert answer.status is CertStatus.GOOD
        assert answer.evidence[0].kind is EvidenceKind.OCSP

    def test_revoked_before_and_after_that_time(self, still: DemoPki) -> None:
        before = response(still, status=REVOKED, revoked=(AT - 2 * HOUR, COMPROMISE))
        answer = ask(still, ocsps=[before])
        assert (answer.status, answer.revoked_at, answer.reason) == (
            CertStatus.REVOKED,
            AT - 2 * HOUR,
            "keyCompromise",
        )
        after = response(still, status=REVOKED, revoked=(AT + HOUR, None), stated=AT + 2 * HOUR, until=AT + 3 * HOUR)
        answer = ask(still, ocsps=[after], validation_time=AT + 2 * HOUR)
        assert (answer.status, answer.revoked_at, answer.reason) == (CertStatus.GOOD, AT + HOUR, None)

    def test_suspended(self, still: DemoPki) -> None:
        held = response(still, status=REVOKED, revoked=(AT - DAY, HOLD))
        assert ask(still, ocsps=[held]).reason == "certificateHold"
        stale = response(still, status=REVOKED, revoked=(AT - 9 * DAY, HOLD), stated=AT - 8 * DAY, until=AT - 7 * DAY)
        assert ask(still, ocsps=[stale]).status is CertStatus.UNKNOWN

    def test_an_outdated_response_still_proves_a_revocation(self, still: DemoPki) -> None:
        stale = response(
            still, status=REVOKED, revoked=(AT - 9 * DAY, COMPROMISE), stated=AT - 8 * DAY, until=AT - 7 * DAY
        )
        assert ask(still, ocsps=[stale]).status is CertStatus.REVOKED

    def test_unknown_is_unknown(self, still: DemoPki) -> None:
        answer = ask(still, ocsps=[response(still, status=ocsp.OCSPCertStatus.UNKNOWN)])
        assert (answer.status, "does not know" in answer.detail) == (CertStatus.UNKNOWN, True)

    @pytest.mark.parametrize(
        ("stated", "until", "status"),
        [
            (AT - HOUR, AT, CertStatus.GOOD),
            (AT - 2 * HOUR, AT - HOUR, CertStatus.UNKNOWN),
            (AT - timedelta(minutes=29), None, CertStatus.GOOD),
            (AT - timedelta(minutes=31), None, CertStatus.UNKNOWN),
            (AT + timedelta(minutes=4), None, CertStatus.GOOD),
            (AT + timedelta(minutes=6), None, CertStatus.UNKNOWN),
        ],
    )
    def test_freshness(self, still: DemoPki, stated: datetime, until: datetime | None, status: CertStatus) -> None:
        assert ask(still, ocsps=[response(still, stated=stated, until=until)]).status is status

    def test_stated_after_that_time_counts_if_asked_later(self, still: DemoPki) -> None:
        later = response(still, stated=AT + DAY, until=AT + DAY + HOUR)
        assert ask(still, ocsps=[later], validation_time=AT + 2 * DAY).status is CertStatus.GOOD

    def test_produced_after_the_validation_time_is_not_believed(self, still: DemoPki) -> None:
        assert ask(still, ocsps=[response(still, produced=AT + HOUR)]).status is CertStatus.UNKNOWN

    def test_answers_about_others_do_not_stand_before_the_one_that_counts(self, still: DemoPki) -> None:
        """A document may bring any number of them; only so many are read."""
        others = [response(still, "agency")] * MAX_STATEMENTS
        assert ask(still, ocsps=[*others, response(still)]).status is CertStatus.GOOD

    @pytest.mark.parametrize(
        ("days", "status"),
        [
            (None, CertStatus.UNKNOWN),
            (-40, CertStatus.GOOD),
            (-30, CertStatus.UNKNOWN),
        ],
    )
    def test_good_after_expiry_needs_an_archive_cut_off(
        self, still: DemoPki, days: int | None, status: CertStatus
    ) -> None:
        """The certificate expired 35 days ago (RFC 6960 4.4.4)."""
        cut_off = None if days is None else AT + days * DAY
        late = response(still, "expired", archive_cut_off=cut_off)
        assert ask(still, "expired", ocsps=[late], at=AT - 36 * DAY, validation_time=AT).status is status


class TestAbout:
    """A response is about one certificate of one issuer."""

    def test_another_certificate(self, still: DemoPki) -> None:
        assert ask(still, "plain", ocsps=[response(still, "citizen")]).status is CertStatus.UNKNOWN

    def test_the_same_serial_of_another_issuer(self, still: DemoPki) -> None:
        other = (still.holder("citizen").certificate, still.authority("official-sub").certificate)
        assert ask(still, ocsps=[response(still, about=other)]).status is CertStatus.UNKNOWN

    def test_the_other_generation_of_the_same_name(self, still: DemoPki) -> None:
        """Same name, same serial, another key: the identifier carries the hash of the issuer's key."""
        other = (still.holder("citizen").certificate, still.authority("public-sub-old").certificate)
        assert ask(still, ocsps=[response(still, about=other)]).status is CertStatus.UNKNOWN

    def test_another_name_with_the_same_key(self, still: DemoPki) -> None:
        """A CA that was renamed and kept its key: serial numbers of two names may be the same."""
        issuer, citizen = still.authority("public-sub"), still.holder("citizen").certificate
        other = name((NameOID.COMMON_NAME, "DEMO renamed"))
        namesake = (
            x509.CertificateBuilder(other, citizen.subject, citizen.public_key(), citizen.serial_number)
            .not_valid_before(AT - DAY)
            .not_valid_after(AT + DAY)
            .sign(issuer.key, hashes.SHA256())
        )
        said = response(still, about=(namesake, issuer.certificate))
        assert ask(still, ocsps=[said]).status is CertStatus.UNKNOWN


class TestResponder:
    """Signed by the issuer, or by whom it certified for that (RFC 6960 4.2.2.2)."""

    @pytest.mark.parametrize("by_name", [False, True])
    def test_a_delegated_responder(self, still: DemoPki, by_name: bool) -> None:
        assert ask(still, ocsps=[response(still, **delegate(still), by_name=by_name)]).status is CertStatus.GOOD
        issuer = response(still, by_name=by_name)
        assert ask(still, ocsps=[issuer]).status is CertStatus.GOOD

    def test_a_responder_that_came_along_elsewhere(self, still: DemoPki) -> None:
        holder = still.holder("ocsp-public-sub")
        bare = response(still, signer=signer(holder))
        assert ask(still, ocsps=[bare]).status is CertStatus.UNKNOWN
        assert ask(still, ocsps=[bare], extra=[holder.asn1]).status is CertStatus.GOOD

    @pytest.mark.parametrize(
        "changes",
        [
            {"extended_usage": ()},
            {"extended_usage": (ExtendedKeyUsageOID.EMAIL_PROTECTION,)},
            {"issuer": "official-sub"},
            {"issuer": "public-sub-old"},
            {"issuer": "public-root"},
            {"issuer": "stranger-root"},
            {"not_after": AT - 2 * HOUR},
            {"not_before": AT},
            {"sha1": True},
        ],
        ids=str,
    )
    def test_not_so_certified(self, still: DemoPki, changes: dict[str, Any]) -> None:
        answer = ask(still, ocsps=[response(still, **delegate(still, **changes))])
        assert answer.status is CertStatus.UNKNOWN

    def test_a_forged_or_changed_response(self, still: DemoPki) -> None:
        forged = response(still, forged_with=still.authority("stranger-root").key)
        assert ask(still, ocsps=[forged]).status is CertStatus.UNKNOWN
        changed = bytearray(response(still))
        changed[-300] ^= 1
        assert ask(still, ocsps=[bytes(changed)]).status is CertStatus.UNKNOWN

    def test_without_nocheck_the_responders_own_status_counts(self, still: DemoPki) -> None:
        announced: dict[str, Any] = {"extensions": (), "crl_urls": ("http://127.0.0.1:9/crl/public-sub.crl",)}
        said = response(still, **delegate(still, **announced))
        assert ask(still, ocsps=[said]).status is CertStatus.UNKNOWN
        delta = (x509.DeltaCRLIndicator(1), True)
        silent = crl(still, extensions=[delta])
        assert ask(still, ocsps=[said], crls=[silent]).status is CertStatus.UNKNOWN
        users = x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier("http://127.0.0.1:9/responders.crl")],
            None,
            False,
            False,
            None,
            False,
            False,
        )
        point = ("http://127.0.0.1:9/responders.crl",)
        elsewhere = response(still, **delegate(still, extensions=(), crl_urls=point))
        about_it = crl(still, extensions=[(users, True)])
        answer = ask(still, ocsps=[elsewhere], crls=[about_it])
        assert answer.status is CertStatus.GOOD
        assert [piece.kind for piece in answer.evidence] == [EvidenceKind.OCSP, EvidenceKind.CRL]

    def test_a_revoked_responder_is_not_believed(self, still: DemoPki) -> None:
        """The CRL says nothing about the certificate in question (another kind), but revokes the responder."""
        said = response(still, **delegate(still, extensions=()))
        assert ask(still, ocsps=[said]).status is CertStatus.GOOD
        delta = (x509.DeltaCRLIndicator(1), True)
        revoking = crl(still, revoked={"responder": (AT - DAY, COMPROMISE)}, extensions=[delta])
        answer = ask(still, ocsps=[said], crls=[revoking])
        assert answer.status is CertStatus.UNKNOWN
        assert "OCSP responder, its certificate: revoked" in answer.detail

    @pytest.mark.parametrize(
        ("reason", "status"),
        [
            (COMPROMISE, CertStatus.UNKNOWN),
            (x509.ReasonFlags.unspecified, CertStatus.UNKNOWN),  # written as no reason at all
            (x509.ReasonFlags.superseded, CertStatus.GOOD),
            (x509.ReasonFlags.cessation_of_operation, CertStatus.GOOD),
        ],
    )
    def test_a_responder_whose_key_was_stolen_since_made_nothing_that_counts(
        self, still: DemoPki, reason: x509.ReasonFlags, status: CertStatus
    ) -> None:
        """The thief writes any date into his answer, also one from before the revocation."""
        said = response(still, **delegate(still, extensions=()), stated=AT - 2 * HOUR, until=AT + DAY)
        delta = (x509.DeltaCRLIndicator(1), True)
        revoking = crl(still, revoked={"responder": (AT - HOUR, reason)}, extensions=[delta], stated=AT)
        assert ask(still, ocsps=[said], crls=[revoking]).status is status

    def test_an_older_list_that_came_along_does_not_hide_that(self, still: DemoPki) -> None:
        """About responders alone, so that neither list speaks of the citizen; the newer one is what is asked for."""
        url = "http://127.0.0.1:9/responders.crl"
        names = [x509.UniformResourceIdentifier(url)]
        users = (x509.IssuingDistributionPoint(names, None, False, False, None, False, False), True)
        said = response(still, **delegate(still, extensions=(), crl_urls=(url,)), stated=AT - 2 * HOUR, until=AT + DAY)
        older = crl(still, stated=AT - 3 * HOUR, extensions=[users])
        newer = crl(still, stated=AT, revoked={"responder": (AT - HOUR, COMPROMISE)}, extensions=[users])
        holder = still.holder("citizen")
        brought, asked = EmbeddedSource((older,), (said,)), ArchivedSource((newer,))
        for sources, status in (([brought], CertStatus.GOOD), ([brought, asked], CertStatus.UNKNOWN)):
            answer = status_at(holder.asn1, holder.asn1_chain[0], AT, sources)
            assert answer.status is status
        assert newer in [piece.der for piece in answer.evidence], "else the verdict derived again would be better"

    def test_a_signer_whose_purposes_name_ocsp_among_others_is_no_responder(self, still: DemoPki) -> None:
        many = (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.OCSP_SIGNING)
        leaf = response(still, **delegate(still, extended_usage=many, extensions=()))
        assert ask(still, ocsps=[leaf]).status is CertStatus.UNKNOWN
        marked = response(still, **delegate(still, extended_usage=many, extensions=NO_CHECK))
        assert ask(still, ocsps=[marked]).status is CertStatus.GOOD

    def test_nocheck_spares_the_look(self, still: DemoPki) -> None:
        said = response(still, **delegate(still, extensions=NO_CHECK))
        delta = (x509.DeltaCRLIndicator(1), True)
        revoking = crl(still, revoked={"responder": (AT - DAY, COMPROMISE)}, extensions=[delta])
        assert ask(still, ocsps=[said], crls=[revoking]).status is CertStatus.GOOD


class TestEncoding:
    """What comes over the wire."""

    def test_a_bare_basic_response_counts(self, still: DemoPki) -> None:
        basic = asn1_ocsp.OCSPResponse.load(response(still)).basic_ocsp_response.dump()
        assert ask(still, ocsps=[basic]).status is CertStatus.GOOD

    @pytest.mark.parametrize("status", [s for s in ocsp.OCSPResponseStatus if s.name != "SUCCESSFUL"])
    def test_an_error_is_no_answer(self, still: DemoPki, status: ocsp.OCSPResponseStatus) -> None:
        data = ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
        assert ask(still, ocsps=[data]).status is CertStatus.UNKNOWN

    @pytest.mark.parametrize("data", [b"", b"0", b"<html/>", b"\x30\x03\x0a\x01\x00", b"\x30\x80"], ids=repr)
    def test_what_is_no_response_is_unknown(self, still: DemoPki, data: bytes) -> None:
        assert ask(still, ocsps=[data]).status is CertStatus.UNKNOWN

    def test_an_unknown_critical_extension_makes_it_unusable(self, still: DemoPki) -> None:
        for critical in ("single", "whole"):
            assert ask(still, ocsps=[response(still, critical=critical)]).status is CertStatus.UNKNOWN

    def test_garbled_responses_raise_nothing_and_are_not_believed(self, still: DemoPki) -> None:
        der = response(still, **delegate(still))
        embedded = der.index(still.holder("ocsp-public-sub").asn1.dump())
        for position in range(0, embedded, 2):
            broken = bytearray(der)
            broken[position] ^= 0xFF
            assert ask(still, ocsps=[bytes(broken)]).status is CertStatus.UNKNOWN, position

    def test_our_request_names_the_certificate(self, still: DemoPki) -> None:
        citizen, issuer = still.holder("citizen"), still.authority("public-sub")
        asked = ocsp.load_der_ocsp_request(ocsp_request(citizen.asn1, issuer.asn1))
        theirs = ocsp.OCSPRequestBuilder().add_certificate(citizen.certificate, issuer.certificate, hashes.SHA1())
        expected = theirs.build()
        assert asked.serial_number == expected.serial_number
        assert asked.issuer_key_hash == expected.issuer_key_hash
        assert asked.issuer_name_hash == expected.issuer_name_hash
