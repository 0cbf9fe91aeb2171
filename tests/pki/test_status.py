"""Status from several sources and of a whole path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509

from certs.certificate import Certificate
from certs.crl_list import ParsedCrl
from certs.fetch import FetchFailed
from certs.revocation import CertStatus, EmbeddedSource, EvidenceKind, StatusAnswer, path_status, status_at
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, HOUR, ask, crl, response, serial

COMPROMISE = x509.ReasonFlags.key_compromise


@dataclass
class Desk:
    """A source that says what it was asked for; ``newest`` like the one that asks over the network."""

    crl_data: tuple[bytes, ...] = ()
    ocsp_data: tuple[bytes, ...] = ()
    newest: bool = True
    unreachable: bool = False
    asked: list[str] = field(default_factory=list)

    def crls(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """As the protocol says."""
        self.asked.append("crl")
        if self.unreachable:
            raise FetchFailed("the list is not to be had")
        return self.crl_data

    def ocsps(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """As the protocol says."""
        self.asked.append("ocsp")
        if self.unreachable:
            raise FetchFailed("the responder is away")
        return self.ocsp_data

    def deltas(self, cert: Certificate, base: ParsedCrl) -> Iterable[bytes]:
        """As the protocol says; none."""
        return ()


def citizen(still: DemoPki, *sources: EmbeddedSource | Desk, later: timedelta = timedelta()) -> StatusAnswer:
    holder = still.holder("citizen")
    return status_at(holder.asn1, holder.asn1_chain[0], AT, sources, (), AT + later, holder.asn1_chain)


class TestSources:
    """Who is asked, and when the search ends."""

    def test_an_embedded_statement_made_after_that_time_ends_the_search(self, still: DemoPki) -> None:
        desk = Desk(crl_data=(crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)}),))
        embedded = EmbeddedSource([crl(still, stated=AT + HOUR)])
        assert citizen(still, embedded, desk, later=DAY).status is CertStatus.GOOD
        assert desk.asked == []

    def test_an_embedded_statement_from_before_does_not(self, still: DemoPki) -> None:
        """Somebody may embed a list from just before the revocation."""
        desk = Desk(crl_data=(crl(still, revoked={"citizen": (AT - HOUR, COMPROMISE)}),))
        embedded = EmbeddedSource([crl(still, stated=AT - 2 * HOUR)])
        assert citizen(still, embedded, desk).status is CertStatus.REVOKED

    def test_with_nobody_to_ask_an_embedded_statement_still_in_force_counts(self, still: DemoPki) -> None:
        embedded = EmbeddedSource([crl(still, stated=AT - 2 * HOUR)])
        assert citizen(still, embedded, Desk(unreachable=True)).status is CertStatus.GOOD
        assert citizen(still, embedded).status is CertStatus.GOOD

    def test_an_embedded_revocation_ends_the_search(self, still: DemoPki) -> None:
        desk = Desk(crl_data=(crl(still),))
        embedded = EmbeddedSource([crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)})])
        assert citizen(still, embedded, desk).status is CertStatus.REVOKED
        assert desk.asked == []

    def test_a_good_ocsp_answer_spares_the_list(self, still: DemoPki) -> None:
        desk = Desk(crl_data=(crl(still),), ocsp_data=(response(still),))
        answer = citizen(still, desk)
        assert ([e.kind for e in answer.evidence], desk.asked) == ([EvidenceKind.OCSP], ["ocsp"])

    def test_without_a_usable_ocsp_answer_the_list_is_asked(self, still: DemoPki) -> None:
        desk = Desk(crl_data=(crl(still),), ocsp_data=(b"busy",))
        answer = citizen(still, desk)
        assert (answer.status, desk.asked) == (CertStatus.GOOD, ["ocsp", "crl"])

    def test_an_outage_is_unknown_and_said(self, still: DemoPki) -> None:
        answer = citizen(still, Desk(unreachable=True))
        assert answer.status is CertStatus.UNKNOWN
        assert answer.detail == "the responder is away; the list is not to be had"

    def test_the_newest_good_statement_is_the_evidence(self, still: DemoPki) -> None:
        older, newer = crl(still, stated=AT - 3 * HOUR), crl(still, stated=AT - HOUR)
        answer = ask(still, crls=[newer, older])
        assert [piece.der for piece in answer.evidence] == [newer]

    def test_the_earliest_revocation_counts(self, still: DemoPki) -> None:
        one = crl(still, revoked={"citizen": (AT - HOUR, COMPROMISE)})
        other = crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)})
        assert ask(still, crls=[one, other]).revoked_at == AT - DAY

    def test_a_later_revocation_is_handed_on_beside_a_good_answer_with_both_as_evidence(self, still: DemoPki) -> None:
        then = crl(still, stated=AT - HOUR)
        later = crl(still, stated=AT + 2 * DAY, until=AT + 3 * DAY, revoked={"citizen": (AT + DAY, COMPROMISE)})
        answer = ask(still, crls=[then, later], validation_time=AT + 2 * DAY)
        assert (answer.status, answer.revoked_at) == (CertStatus.GOOD, AT + DAY)
        assert later in [piece.der for piece in answer.evidence]

    def test_many_statements_cost_bounded_work(self, still: DemoPki) -> None:
        late = crl(still)
        assert ask(still, crls=[b"junk"] * 500 + [late]).status is CertStatus.UNKNOWN
        assert ask(still, crls=[b"junk"] * 499 + [late]).status is CertStatus.GOOD
        said = response(still)
        junk = b"junk" + serial(still, "citizen").to_bytes(20, "big")  # or it is passed over at first sight
        assert ask(still, ocsps=[junk] * 500 + [said]).status is CertStatus.UNKNOWN
        assert ask(still, ocsps=[junk] * 499 + [said]).status is CertStatus.GOOD


class TestPath:
    """Every certificate below the anchor needs a status."""

    def path(self, still: DemoPki, slug: str = "citizen") -> tuple[Certificate, ...]:
        return (still.holder(slug).asn1, *still.holder(slug).asn1_chain)

    def test_good(self, still: DemoPki) -> None:
        source = EmbeddedSource([crl(still), crl(still, by="public-root")])
        answer = path_status(self.path(still), AT, [source])
        assert (answer.status, answer.ca_revoked, answer.revoked_at) == (CertStatus.GOOD, False, None)
        assert len(answer.evidence) == 2

    def test_without_the_cas_status_it_is_unknown(self, still: DemoPki) -> None:
        answer = path_status(self.path(still), AT, [EmbeddedSource([crl(still)])])
        assert (answer.leaf.status, answer.status) == (CertStatus.GOOD, CertStatus.UNKNOWN)

    def test_a_revoked_leaf(self, still: DemoPki) -> None:
        revoking = crl(still, revoked={"citizen": (AT - DAY, COMPROMISE)})
        answer = path_status(self.path(still), AT, [EmbeddedSource([revoking])])
        assert (answer.status, answer.revoked_at, answer.ca_revoked) == (CertStatus.REVOKED, AT - DAY, False)

    def test_a_revoked_ca(self, still: DemoPki) -> None:
        revoking = crl(still, by="public-root", revoked={"public-sub": (AT - DAY, COMPROMISE)})
        answer = path_status(self.path(still), AT, [EmbeddedSource([crl(still), revoking])])
        assert (answer.status, answer.ca_revoked, answer.revoked_at) == (CertStatus.REVOKED, True, AT - DAY)

    def test_a_leafs_later_revocation_is_handed_on(self, still: DemoPki) -> None:
        later = crl(still, stated=AT + 2 * DAY, until=AT + 3 * DAY, revoked={"citizen": (AT + DAY, COMPROMISE)})
        source = EmbeddedSource([later, crl(still, by="public-root")])
        answer = path_status(self.path(still), AT, [source], (), AT + 2 * DAY)
        assert (answer.status, answer.revoked_at) == (CertStatus.GOOD, AT + DAY)

    def test_an_anchor_alone_needs_none(self, still: DemoPki) -> None:
        assert path_status((still.authority("public-root").asn1,), AT, []).status is CertStatus.GOOD
