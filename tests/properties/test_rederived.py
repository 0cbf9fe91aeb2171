"""A report re-derived from its evidence, later and without any network, equals the stored one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from certs.anchors import make_store
from certs.certificate import fingerprint
from demo.pki import DemoPki
from demo.responders import Responders
from tests.unit.verifier.cms_maker import Make, make_cms
from tests.unit.verifier.signing import Signing, add_dss, append_page_change, blank_paper, environment, now, sign, stamp
from verifier.bundle.bundle import (
    ATTESTED,
    BundleError,
    PieceKind,
    bundle_findings,
    bundle_of,
    comparable,
    environment_of,
    kind_of,
    read_bundle,
    write_bundle,
)
from verifier.bundle.seal import seal_finding
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.report import Conclusion, ValidationReport
from verifier.verify import verify_document

Maker = Callable[[DemoPki, Responders], bytes]


def _plain(pki: DemoPki, _responders: Responders) -> bytes:
    return sign(blank_paper(), Signing(pki.holder("citizen")))


def _with_chain(pki: DemoPki, _responders: Responders) -> bytes:
    return sign(blank_paper(), Signing(pki.holder("officer"), with_chain=True))


def _stamped(pki: DemoPki, _responders: Responders) -> bytes:
    return sign(blank_paper(), Signing(pki.holder("citizen"), stamped_at=now(), stamper=pki.holder("tsa-official")))


def _long_term(pki: DemoPki, responders: Responders) -> bytes:
    signed = _stamped(pki, responders)
    slug = pki.holder("citizen").issuer.slug
    return stamp(add_dss(signed, (), [responders.crl(slug)], ()), pki.holder("tsa-official"), now())


def _two(pki: DemoPki, responders: Responders) -> bytes:
    return sign(_stamped(pki, responders), Signing(pki.holder("agency"), field="Agency"))


def _revoked(pki: DemoPki, responders: Responders) -> bytes:
    responders.revoke("citizen", now() - timedelta(hours=3))
    return _plain(pki, responders)


def _revoked_after_stamp(pki: DemoPki, responders: Responders) -> bytes:
    signed = sign(
        blank_paper(),
        Signing(
            pki.holder("citizen"),
            stamped_at=now() - timedelta(minutes=30),
            stamper=pki.holder("tsa-official"),
            signed_at=now() - timedelta(minutes=30),
        ),
    )
    responders.revoke("citizen", now() - timedelta(minutes=5))
    return signed


def _silent(pki: DemoPki, responders: Responders) -> bytes:
    responders.down(*(f"{kind}/{slug}" for slug in pki.authorities for kind in ("crl", "ocsp")))
    return _two(pki, responders)


def _crl_only(pki: DemoPki, responders: Responders) -> bytes:
    responders.down(*(f"ocsp/{slug}" for slug in pki.authorities))
    return _two(pki, responders)


def _changed(pki: DemoPki, responders: Responders) -> bytes:
    return append_page_change(_plain(pki, responders))


def _unsigned(_pki: DemoPki, _responders: Responders) -> bytes:
    return blank_paper()


MAKERS: list[Maker] = [
    *(_plain, _with_chain, _stamped, _long_term, _two, _revoked, _revoked_after_stamp),
    *(_silent, _crl_only, _changed, _unsigned),
]


def _bundled(report: ValidationReport) -> bytes:
    return write_bundle(bundle_of(report, report.evidence), "", {}, {})


def _again(document: bytes, bundled: bytes, pki: DemoPki) -> ValidationReport:
    bundle = read_bundle(bundled)
    judged_with = environment_of(bundle, load_policy(bundle.policy_id), pki.trust_store(), pki.catalogue())
    asked = VerificationInput(document, received_at=bundle.received_at)
    return verify_document(asked, judged_with, bundle.validation_time)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.strip("_"))
@settings(
    max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    later=st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=400), timedelta(days=4000)]),
    receipt=st.none() | st.timedeltas(timedelta(0), timedelta(minutes=20)),
)
def test_the_same_verdict_from_the_evidence_alone(
    make: Maker, later: timedelta, receipt: timedelta | None, pki: DemoPki, responders: Responders
) -> None:
    document = make(pki, responders)
    at = now() + later
    received_at = None if receipt is None else now() - receipt
    responders.clock = _clock_at(at)
    first = verify_document(VerificationInput(document, received_at=received_at), environment(pki), at)
    bundled = _bundled(first)
    responders.reset()
    responders.requests.clear()
    again = _again(document, bundled, pki)
    assert str(comparable(again)) == str(comparable(first))  # a short diff, should they differ
    assert comparable(again) == comparable(first)
    assert responders.requests == []


def _clock_at(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def test_evidence_of_every_kind_is_known_by_its_tags(pki: DemoPki, responders: Responders) -> None:
    report = verify_document(VerificationInput(_long_term(pki, responders)), environment(pki), now())
    assert report.conclusion is Conclusion.TOTAL_PASSED
    kinds = {kind_of(der) for der in report.evidence.values()}
    assert kinds == {PieceKind.CERTIFICATE, PieceKind.CRL, PieceKind.OCSP, PieceKind.TIME_STAMP} - (
        set() if any(kind_of(d) is PieceKind.OCSP for d in report.evidence.values()) else {PieceKind.OCSP}
    )
    anchors = {fingerprint(anchor.certificate) for anchor in pki.trust_store().anchors}
    assert anchors & report.evidence.keys()


def test_a_bundle_brings_no_trust_of_its_own(pki: DemoPki, responders: Responders) -> None:
    document = _plain(pki, responders)
    first = verify_document(VerificationInput(document), environment(pki), now())
    assert first.conclusion is Conclusion.TOTAL_PASSED
    bundle = read_bundle(_bundled(first))
    nobody = make_store((), ())
    judged_with = environment_of(bundle, load_policy(), nobody, pki.catalogue())
    again = verify_document(VerificationInput(document), judged_with, bundle.validation_time)
    assert again.conclusion is Conclusion.INDETERMINATE
    said = {finding.code for finding in bundle_findings(bundle, judged_with, nobody, again, None)}
    assert said == {"EVIDENCE-NO-TRUST-CONFIGURED", "EVIDENCE-CONCLUSION-DIFFERS", "EVIDENCE-NOT-SEALED"}


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_other_bytes_are_no_bundle(data: bytes) -> None:
    with pytest.raises(BundleError):
        read_bundle(data)
    kind_of(data)


@given(at=st.integers(0, 5000), value=st.integers(1, 255))
@settings(
    max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_bundle_is_refused_or_still_the_same(bundled: bytes, at: int, value: int) -> None:
    at %= len(bundled)
    damaged = bundled[:at] + bytes([bundled[at] ^ value]) + bundled[at + 1 :]
    try:
        read = read_bundle(damaged)
    except BundleError:
        return
    assert read.pieces == read_bundle(bundled).pieces


@pytest.fixture(scope="module")
def bundled(pki: DemoPki) -> bytes:
    document = sign(blank_paper(), Signing(pki.holder("citizen")))
    return _bundled(verify_document(VerificationInput(document), environment(pki), now()))


@pytest.mark.parametrize("digest", ["sha256", "sha1"])
def test_a_seal_by_an_algorithm_that_ended_attests_nothing(digest: str, pki: DemoPki) -> None:
    """Two lists with one SHA-1 digest can be made by whoever has one of them sealed."""
    made = make_cms(Make(pki.holder("agency"), digest=digest, claimed=now()), b"{}")
    judged_with = Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())
    finding = seal_finding(verify_document(VerificationInput(made, content=b"{}"), judged_with, now()))
    assert finding is not None
    assert (finding.code == ATTESTED) is (digest == "sha256")
