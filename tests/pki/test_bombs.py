"""Path-building bombs: chains, meshes and namesakes of hundreds of certificates in a document end in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.anchors import TrustStore, make_store
from demo.issuing import CA_USAGE, Authority, Holder, Profile, build, name, to_asn1
from demo.pki import DemoPki
from tests.pki.test_path import leaf_of, sub_ca
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import now
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, Integrity, PathOutcome, SignatureVerdict

Bomb = tuple[Authority, list[x509.Certificate]]
"""Who issued the leaf, and what the document brings along."""


def _certificate(
    pki: DemoPki, subject: x509.Name, issuer: Authority, days: int, path_length: int | None = None
) -> x509.Certificate:
    begin = pki.made_at - timedelta(days=100 + days)
    end = pki.made_at + timedelta(days=100)
    profile = Profile(subject, begin, end, ca=True, usage=CA_USAGE, path_length=path_length)
    return build(profile, pki.authority("stranger-root").key.public_key(), issuer)


def _named(number: int) -> x509.Name:
    return name((NameOID.COMMON_NAME, f"DEMO bomb {number}"))


def a_long_chain(pki: DemoPki) -> Bomb:
    """Sixty CAs one below the other, the topmost by a recognised root."""
    issuer = pki.authority("public-root")
    made: list[x509.Certificate] = []
    for number in range(60):
        issuer = (
            sub_ca(pki, f"chain {number}", "public-root")
            if not made
            else Authority(
                f"chain {number}", _certificate(pki, _named(number), issuer, 0), pki.authority("stranger-root").key
            )
        )
        made.append(issuer.certificate)
    return issuer, made


def a_mesh(pki: DemoPki) -> Bomb:
    """Fourteen CAs that all certify each other, and no root: 14! ways to nowhere."""
    key = pki.authority("stranger-root").key
    own = [
        Authority(f"mesh {number}", _certificate(pki, _named(number), pki.authority("stranger-root"), 0), key)
        for number in range(14)
    ]
    crossed = [_certificate(pki, one.certificate.subject, by, 1) for one in own for by in own if one is not by]
    return own[0], crossed


def namesakes(pki: DemoPki) -> Bomb:
    """Three hundred certificates of one name and key."""
    key = pki.authority("stranger-root").key
    first = Authority("n", _certificate(pki, _named(0), pki.authority("stranger-root"), 0), key)
    return first, [_certificate(pki, _named(0), first, number) for number in range(300)]


def many_ways_that_all_fail(pki: DemoPki) -> Bomb:
    """Every way ends at a recognised root, and breaks the length of path that its topmost CA allows."""
    key = pki.authority("stranger-root").key
    tops = [_certificate(pki, _named(0), pki.authority("public-root"), number, path_length=0) for number in range(15)]
    middle = Authority("middle", tops[0], key)
    below = [_certificate(pki, _named(1), middle, number) for number in range(15)]
    return Authority("below", below[0], key), [*tops, *below]


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers() as started:
        started.run(len, b"")
        yield started


def _judged(workers: LimitedWorkers, pki: DemoPki, bomb: Bomb, store: TrustStore) -> tuple[SignatureVerdict, float]:
    issuer, certificates = bomb
    leaf: asn1_x509.Certificate = leaf_of(pki, issuer)
    plain = x509.load_der_x509_certificate(leaf.dump())
    holder = Holder("bomb", plain, pki.holder("citizen").key, issuer, ())
    made = make_cms(Make(holder, encapsulated=b"x", certificates=[leaf, *map(to_asn1, certificates)]), b"")
    environment = Environment(load_policy().skipping_revocation(), store, pki.catalogue())
    started = time.monotonic()
    report = workers.verify(VerificationInput(made), environment, now())
    seconds = time.monotonic() - started
    assert report.conclusion is Conclusion.INDETERMINATE, report
    return report.verdicts[0], seconds


@pytest.mark.parametrize("bomb", [a_long_chain, a_mesh, namesakes, many_ways_that_all_fail], ids=lambda b: b.__name__)
def test_a_bomb_is_judged_in_time(bomb: Callable[[DemoPki], Bomb], workers: LimitedWorkers, pki: DemoPki) -> None:
    verdict, seconds = _judged(workers, pki, bomb(pki), pki.trust_store())
    assert verdict.facts.integrity is Integrity.INTACT, "the bomb costs nothing but the path"
    expected = PathOutcome.CHAIN_CONSTRAINTS if bomb is many_ways_that_all_fail else PathOutcome.NO_CHAIN
    assert verdict.facts.path is expected
    assert seconds < 12


def test_certificates_added_by_a_stranger_hide_no_pinned_way(workers: LimitedWorkers, pki: DemoPki) -> None:
    """Anybody can add certificates to a signed file: the search begins with what is pinned, so it ends there."""
    citizen = pki.holder("citizen")
    subject = citizen.issuer.certificate.subject
    own = Authority(
        "n", _certificate(pki, subject, pki.authority("stranger-root"), 0), pki.authority("stranger-root").key
    )
    added = [to_asn1(_certificate(pki, subject, own, number)) for number in range(250)]
    made = make_cms(Make(citizen, encapsulated=b"x", certificates=[citizen.asn1, *added]), b"")
    environment = Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())
    report = workers.verify(VerificationInput(made), environment, now())
    assert report.conclusion is Conclusion.TOTAL_PASSED, report.verdicts
    alone = Environment(load_policy().skipping_revocation(), make_store((), ()), pki.catalogue())
    assert workers.verify(VerificationInput(made), alone, now()).conclusion is Conclusion.INDETERMINATE
