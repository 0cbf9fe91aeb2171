"""Status asked over real HTTP: the whole way from the address in a certificate to the answer."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from certs.anchors import Purpose
from certs.catalogue import load_catalogue
from certs.fetch import Fetcher, fetcher_for
from certs.path import find_path
from certs.revocation import (
    CertStatus,
    EmbeddedSource,
    EvidenceKind,
    OnlineSource,
    PathStatusAnswer,
    RevocationSource,
    path_status,
    within_one_document,
)
from demo.responders import Responders
from tests.simulators.sockets import watched_sockets

BOTH = ("ocsp/public-sub", "crl/public-sub")


def status(responders: Responders, slug: str, source: RevocationSource | None = None) -> PathStatusAnswer:
    pki = responders.pki
    now = datetime.now(UTC)
    purpose = Purpose.TIME_STAMPING if slug.startswith("tsa") else Purpose.SIGNING
    path = find_path(pki.holder(slug).asn1, (), pki.trust_store(), now, purpose).path
    return path_status(path, now, [source or pki.online()])


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        *(("citizen", CertStatus.GOOD), ("citizen-ec", CertStatus.GOOD), ("plain", CertStatus.GOOD)),
        *(("company", CertStatus.GOOD), ("officer", CertStatus.GOOD), ("agency", CertStatus.GOOD)),
        *(("officer-g1", CertStatus.GOOD), ("tsa-public", CertStatus.GOOD), ("tsa-official", CertStatus.GOOD)),
        *(("revoked", CertStatus.REVOKED), ("revoked-plain", CertStatus.REVOKED), ("suspended", CertStatus.REVOKED)),
        *(("expired", CertStatus.UNKNOWN), ("old-generation", CertStatus.UNKNOWN)),
    ],
)
@pytest.mark.parametrize("by", ["ocsp", "crl"])
def test_by_ocsp_and_by_list(responders: Responders, slug: str, expected: CertStatus, by: str) -> None:
    issuer = responders.pki.holder(slug).issuer.slug
    responders.down(f"{'crl' if by == 'ocsp' else 'ocsp'}/{issuer}")
    answer = status(responders, slug)
    assert answer.leaf.status is expected
    assert answer.status is expected
    assert {piece.kind for piece in answer.leaf.evidence} <= {EvidenceKind(by)}


def test_revoked_now(responders: Responders) -> None:
    assert status(responders, "citizen").status is CertStatus.GOOD
    at = datetime.now(UTC) - timedelta(seconds=2)
    responders.revoke("citizen", at, x509.ReasonFlags.cessation_of_operation)
    answer = status(responders, "citizen")
    assert (answer.status, answer.revoked_at) == (CertStatus.REVOKED, at.replace(microsecond=0))
    assert answer.leaf.reason == "cessationOfOperation"


def test_a_revoked_ca(responders: Responders) -> None:
    responders.revoke("public-sub")
    answer = status(responders, "citizen")
    assert (answer.status, answer.ca_revoked) == (CertStatus.REVOKED, True)


def test_one_way_down_the_other_is_asked(responders: Responders) -> None:
    responders.down("ocsp/public-sub")
    answer = status(responders, "citizen")
    assert answer.status is CertStatus.GOOD
    assert {piece.kind for piece in answer.leaf.evidence} == {EvidenceKind.CRL}


def test_all_down_is_unknown_and_up_again_is_known(responders: Responders) -> None:
    responders.down(*BOTH)
    answer = status(responders, "citizen")
    assert (answer.status, "503" in answer.detail) == (CertStatus.UNKNOWN, True)
    responders.reset()
    assert status(responders, "citizen").status is CertStatus.GOOD


def test_a_slow_responder_costs_its_time_limit_only(responders: Responders) -> None:
    responders.slow("ocsp/public-sub", 2)
    answer = status(responders, "citizen", responders.pki.online(timeout_s=0.3))
    assert answer.status is CertStatus.GOOD


def test_offline_nothing_is_asked(responders: Responders) -> None:
    with watched_sockets() as seen:
        answer = status(responders, "citizen", responders.pki.online(offline=True))
    assert (answer.status, seen.connections, responders.requests) == (CertStatus.UNKNOWN, [], [])


def test_addresses_in_a_certificate_are_not_asked_unless_listed(responders: Responders) -> None:
    """A document's certificate may name any address: loopback, the cloud's metadata, a file."""
    pki = responders.pki
    hostile = (
        f"{pki.base_url}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ldap://127.0.0.1/cn=x?certificateRevocationList",
    )
    pki.issue("hostile", crl_urls=hostile, ocsp_urls=hostile[:2])
    with watched_sockets() as seen:
        answer = status(responders, "hostile")
    assert answer.status is CertStatus.GOOD  # by the catalogue's own addresses of the issuer
    assert "/secret" not in "".join(responders.requests)
    assert not any("169.254" in connection for connection in seen.connections)
    nobody = OnlineSource(Fetcher(frozenset()), load_catalogue())
    with watched_sockets() as seen:
        assert status(responders, "hostile", nobody).status is CertStatus.UNKNOWN
    assert seen.connections == []


def test_what_the_operator_configured_for_another_use_is_not_asked_for_status(responders: Responders) -> None:
    """The fetcher may reach a webhook inside the province's network; a certificate that names it may not."""
    pki = responders.pki
    inside = f"{pki.base_url}/webhook"
    pki.issue("curious", crl_urls=(inside,), ocsp_urls=(inside,))
    source = OnlineSource(fetcher_for(pki.catalogue(), [inside]), pki.catalogue())
    assert source.fetcher.permits(inside)
    assert status(responders, "curious", source).status is CertStatus.GOOD
    assert "/webhook" not in "".join(responders.requests)


def test_a_certificate_without_addresses_is_asked_about_at_its_issuers(responders: Responders) -> None:
    responders.pki.issue("silent", crl_urls=(), ocsp_urls=(), crl_issuer=None)
    assert status(responders, "silent").status is CertStatus.GOOD


def test_an_issuer_without_addresses_in_the_catalogue(responders: Responders) -> None:
    """Listed addresses in the certificate are enough."""
    catalogue = responders.pki.catalogue()
    bare = tuple(replace(entry, crl=(), ocsp=()) for entry in catalogue.operator_entries)
    listed = [entry for entry in catalogue.operator_entries if "RS" in entry.name or "National" in entry.name]
    services = tuple(
        replace(catalogue.operator_services[0], name=entry.name, crl=entry.crl, ocsp=entry.ocsp, tsa=())
        for entry in listed
    )
    moved = replace(catalogue, operator_entries=bare, operator_services=services)
    source = OnlineSource(responders.pki.fetcher(), moved)
    assert status(responders, "citizen", source).status is CertStatus.GOOD


class TestOneDocument:
    """A document of several signatures asks each question once, and waits for an outage once."""

    def ask(self, responders: Responders, slugs: tuple[str, ...], asking_time_s: float = 10) -> list[PathStatusAnswer]:
        (source,) = within_one_document([responders.pki.online(timeout_s=0.5)], asking_time_s)
        return [status(responders, slug, source) for slug in slugs]

    def test_each_question_once(self, responders: Responders) -> None:
        answers = self.ask(responders, ("citizen", "company", "citizen"))
        assert {answer.status for answer in answers} == {CertStatus.GOOD}
        assert sorted(responders.requests) == [
            "GET /crl/public-root.crl",
            *["POST /ocsp/public-sub"] * 2,
        ]

    def test_an_outage_is_waited_for_once(self, responders: Responders) -> None:
        responders.slow("crl/public-root", 2)
        started = time.monotonic()
        answers = self.ask(responders, ("citizen", "company", "employee"))
        assert {answer.status for answer in answers} == {CertStatus.UNKNOWN}
        assert time.monotonic() - started < 4
        assert responders.requests.count("GET /crl/public-root.crl") == 1

    def test_the_next_document_asks_anew(self, responders: Responders) -> None:
        responders.down("crl/public-root")
        assert self.ask(responders, ("citizen",))[0].status is CertStatus.UNKNOWN
        responders.reset()
        assert self.ask(responders, ("citizen",))[0].status is CertStatus.GOOD

    def test_all_questions_share_one_time(self, responders: Responders) -> None:
        for name in ("ocsp/public-sub", "crl/public-sub", "crl/public-root"):
            responders.slow(name, 2)
        started = time.monotonic()
        (answer,) = self.ask(responders, ("citizen",), asking_time_s=0.7)
        assert time.monotonic() - started < 4
        assert "time for this document's questions is used up" in answer.detail

    def test_other_sources_stay_as_they_are(self) -> None:
        embedded = EmbeddedSource()
        assert within_one_document([embedded]) == (embedded,)
