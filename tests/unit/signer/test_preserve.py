"""Raised and renewed with real stamps: nothing that was there changes, and what comes out is judged like anybody's."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pikepdf
import pytest

from demo.documents import Line, forge, typeset
from demo.pki import PASSPHRASE
from demo.responders import Responders
from demo.stamps import Lie
from signer.keys_file import FileKey
from signer.preserve import preserve_document
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealLevel
from signer.sign import LEVELS, SignedDocument, sign_document
from tests.unit.signer.sealing import Desk, now, short_lived, signed_by_others
from verifier.bundle.lifetime import Lifetime, lifetime_of, load_renewal_policy
from verifier.inputs import VerificationInput
from verifier.report import Conclusion, Indication, SignatureKind
from verifier.verify import verify_document

HIGHER = [SealLevel.B_T, SealLevel.B_LT, SealLevel.B_LTA]


@pytest.fixture(scope="module")
def at_b_b(desk: Desk, paper: bytes) -> SignedDocument:
    return sign_document(desk.request(paper), desk.environment, now())


def lifetime(signed: SignedDocument) -> Lifetime:
    found = lifetime_of(signed.report, load_renewal_policy())
    assert found is not None
    return found


@pytest.mark.parametrize("level", HIGHER)
def test_raised_to_a_level(level: SealLevel, desk: Desk, at_b_b: SignedDocument) -> None:
    done: list[str] = []
    raised = preserve_document(at_b_b.data, level, desk.environment, now(), done.append)
    assert raised.data.startswith(at_b_b.data)
    assert raised.level is level
    person, agency, *stamps = raised.report.verdicts
    assert [one.facts.level for one in (person, agency)] == [LEVELS[level]] * 2
    assert [one.facts.kind for one in stamps] == [SignatureKind.DOCUMENT_TIMESTAMP] * len(stamps)
    assert len(raised.stamped_at) == len(stamps) == (2 if level is SealLevel.B_LTA else 1)
    assert person.facts.best_signature_time == raised.stamped_at[0]
    assert (done[0], done[-1]) == ("judged", "self-checked")
    assert lifetime(at_b_b).ends_with != lifetime(raised).ends_with
    if level.long_term:
        offline = replace(desk.environment.verification, sources=())
        again = verify_document(VerificationInput(raised.data), offline, raised.report.validation_time)
        assert again.conclusion is Conclusion.TOTAL_PASSED


def test_a_raised_document_outlives_the_signers_certificate(desk: Desk, paper: bytes, responders: Responders) -> None:
    """What the raising is for: after the signer's certificate ended, the raised one passes and the other does not."""
    ends = now() + timedelta(days=2)
    holder = desk.pki.issue("officer-short", "officer", not_after=ends)
    key = FileKey.from_pkcs12(holder.pkcs12(PASSPHRASE), PASSPHRASE)
    steps = (replace(desk.person(), key=key), desk.agency())
    signed = sign_document(desk.request(paper, steps=steps), desk.environment, now())
    assert abs(lifetime(signed).until - ends) < timedelta(seconds=2)
    raised = preserve_document(signed.data, SealLevel.B_LTA, desk.environment, now())
    later = ends + timedelta(days=1)
    responders.clock = lambda: later
    verification = desk.environment.verification
    for document, conclusion in ((raised, Conclusion.TOTAL_PASSED), (signed, Conclusion.INDETERMINATE)):
        report = verify_document(VerificationInput(document.data), verification, later)
        assert report.conclusion is conclusion


def test_an_archive_stamp_is_renewed_before_its_authority_ends(
    desk: Desk, paper: bytes, responders: Responders
) -> None:
    """The authority's certificate ends in two days; a renewal today by its next certificate carries the paper on."""
    start = now()
    with short_lived(desk.pki, start + timedelta(days=2)):
        old = sign_document(desk.request(paper, SealLevel.B_LTA), desk.environment, start)
    assert abs(lifetime(old).until - start - timedelta(days=2)) < timedelta(minutes=1)
    responders.clock = lambda: now() + timedelta(days=1)
    renewed = preserve_document(old.data, SealLevel.B_LTA, desk.environment, now() + timedelta(days=1))
    assert renewed.data.startswith(old.data)
    assert [one.indication for one in renewed.report.verdicts] == [Indication.TOTAL_PASSED] * 4
    assert lifetime(renewed).until > start + timedelta(days=300)
    later = start + timedelta(days=30)
    responders.clock = lambda: later
    verification = desk.environment.verification
    assert verify_document(VerificationInput(renewed.data), verification, later).conclusion is Conclusion.TOTAL_PASSED
    left = verify_document(VerificationInput(old.data), verification, later)
    assert left.verdicts[-1].indication is not Indication.TOTAL_PASSED, "without renewal nothing proves its time"
    rescued = preserve_document(old.data, SealLevel.B_LTA, desk.environment, later)
    assert rescued.report.conclusion is Conclusion.TOTAL_PASSED, "the signers' certificates still hold: proven anew"
    too_late = start + timedelta(days=400)
    responders.clock = lambda: too_late
    with pytest.raises(SealRefused) as refused:
        preserve_document(old.data, SealLevel.B_LTA, desk.environment, too_late)
    assert refused.value.code is RefusalCode.EARLIER_SIGNATURE_NOT_PASSED


def test_renewed_twice_it_holds_each_piece_of_evidence_once(desk: Desk, paper: bytes) -> None:
    document = sign_document(desk.request(paper, SealLevel.B_LTA), desk.environment, now())
    for _ in range(2):
        document = preserve_document(document.data, SealLevel.B_LTA, desk.environment, now())
    with pikepdf.open(io.BytesIO(document.data)) as opened:
        for kind in ("/Certs", "/CRLs", "/OCSPs"):
            held = [bytes(one.read_bytes()) for one in opened.Root.DSS.get(kind, [])]
            assert len(held) == len(set(held))
    assert len([one for one in document.report.verdicts if one.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP]) == 3


def test_no_stamp_and_no_evidence_leave_nothing_behind(
    desk: Desk, at_b_b: SignedDocument, responders: Responders
) -> None:
    responders.lie("tsa/official", Lie.WRONG_IMPRINT)
    with pytest.raises(SealRefused) as lied:
        preserve_document(at_b_b.data, SealLevel.B_LTA, desk.environment, now())
    assert lied.value.code is RefusalCode.TIMESTAMP_REJECTED
    responders.reset()
    with pytest.raises(SealRefused) as none:
        preserve_document(at_b_b.data, SealLevel.B_T, replace(desk.environment, timestamps=None), now())
    assert none.value.code is RefusalCode.TIMESTAMP_NOT_CONFIGURED


def test_a_forged_document_is_not_preserved(desk: Desk, paper: bytes) -> None:
    """A stamp over a forgery would make it look older than it is."""
    forged = forge(signed_by_others(paper, desk.key("citizen")), typeset((Line("Diện tích: 1200 m²"),)))
    for document in (forged, paper):
        with pytest.raises(SealRefused) as refused:
            preserve_document(document, SealLevel.B_LTA, desk.environment, now())
        assert refused.value.code is RefusalCode.EARLIER_SIGNATURE_NOT_PASSED


@pytest.mark.parametrize("trouble", ["down", "lie", "not ready"])
def test_where_stamps_may_follow_the_result_is_sealed_at_b_b(
    trouble: str, desk: Desk, paper: bytes, responders: Responders
) -> None:
    environment = desk.with_pool()
    if trouble == "lie":
        responders.lie("tsa/official", Lie.UNTRUSTED)
    else:
        responders.down("tsa/official")
    pool = environment.timestamps
    assert pool is not None
    if trouble == "not ready":
        pool._health.failed(pool._authorities[0], 10.0)
    steps: list[str] = []
    request = desk.request(paper, SealLevel.B_LTA, stamps_may_follow=True)
    signed = sign_document(request, environment, now(), steps.append)
    assert (signed.level, signed.report.conclusion) == (SealLevel.B_B, Conclusion.TOTAL_PASSED)
    assert steps.count("signed-person") == 1, "no key was used for what was thrown away"
    with pytest.raises(SealRefused):
        sign_document(replace(request, stamps_may_follow=False), environment, now())
    responders.reset()
    later = desk.with_pool()
    assert preserve_document(signed.data, SealLevel.B_LTA, later, now()).level is SealLevel.B_LTA
    assert sign_document(request, later, now()).level is SealLevel.B_LTA, "well again without hands"


def test_the_lifetime_is_that_of_the_newest_stamp_or_the_algorithm(desk: Desk, at_b_b: SignedDocument) -> None:
    policy = load_renewal_policy()
    officer = desk.key("officer").certificate.not_valid_after
    agency = desk.key("agency").certificate.not_valid_after
    assert lifetime(at_b_b).until == min(officer, agency)
    ended = replace(policy, digest_ends=(("SHA-256", datetime(2026, 12, 1, tzinfo=UTC)),))
    assert lifetime_of(at_b_b.report, ended) == Lifetime(datetime(2026, 12, 1, tzinfo=UTC), "SHA-256")
    unsigned = desk.environment.verify(VerificationInput(b""), desk.environment.verification, now())
    assert lifetime_of(unsigned, policy) is None
