"""Verifications: judged, stored whole or not at all, seen by their owners, asked again where an answer lacked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from api.actions import dossiers, events, verify_document
from api.actions.retry_verifications import retry_due
from api.actions.verify_document import Upload
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.journal import verify_acts_chain
from api.storage.records import evidence_digests, first_receipt
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import sign_as, unsigned_declaration
from tests.sealing_home import DOSSIER, dossier_data
from tests.unit.api.actions.conftest import MovableClock, silence
from verifier.report import Conclusion, DocumentFormat, SubIndication


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign_as(pki, "citizen", unsigned_declaration())


def _files(services: Services) -> int:
    stores = (services.settings.documents_dir, services.settings.evidence_dir)
    return sum(1 for store in stores for path in store.rglob("*") if path.is_file())


def test_a_verification_is_kept_with_all_it_rests_on(services: Services, portal: Caller, signed: bytes) -> None:
    made = verify_document.verify_upload(services, portal, Upload(signed, r"C:\giấy tờ\tờ khai.pdf"))
    assert made.report.conclusion is Conclusion.TOTAL_PASSED
    assert made.filename == "tờ khai.pdf"
    assert made.document_sha256 == hashlib.sha256(signed).hexdigest()
    found = verify_document.get_verification(services, portal, made.id)
    assert found == replace(made, report=replace(made.report, evidence={}))
    assert verify_document.verification_document(services, portal, made.id) == ("tờ khai.pdf", signed)
    with services.database.reading() as transaction:
        digests = evidence_digests(transaction, made.id)
        assert first_receipt(transaction, made.document_sha256) == made.created_at
        check = verify_acts_chain(transaction)
    assert digests == sorted(made.report.evidence)
    assert digests
    assert all(services.evidence.get(sha256) == made.report.evidence[sha256] for sha256 in digests)
    assert (check.count, check.first_bad) == (1, None)


def test_the_feed_tells_of_it_without_names(services: Services, portal: Caller, signed: bytes) -> None:
    made = verify_document.verify_upload(services, portal, Upload(signed, "Nguyễn Văn Mẫu.pdf"))
    page = events.list_after(services, portal)
    (event,) = page.events
    assert (event.type, event.subject) == ("verification.completed", f"verification:{made.id}")
    assert event.data == {
        "verification": made.id,
        "sha256": made.document_sha256,
        "conclusion": "TOTAL-PASSED",
        "policy": "vn-2025.2",
        "dossier": None,
    }
    assert (page.last, page.more) == (1, False)
    assert events.list_after(services, portal, after=1).events == ()


def test_the_feed_is_paged(services: Services, portal: Caller) -> None:
    for number in range(3):
        verify_document.verify_upload(services, portal, Upload(b"%d" % number))
    first = events.list_after(services, portal, limit=2)
    second = events.list_after(services, portal, after=first.last, limit=2)
    assert ([event.number for event in first.events], first.last, first.more) == ([1, 2], 2, True)
    assert ([event.number for event in second.events], second.last, second.more) == ([3], 3, False)


def test_the_first_receipt_of_bytes_never_changes(
    services: Services, portal: Caller, signed: bytes, clock: MovableClock
) -> None:
    first = verify_document.verify_upload(services, portal, Upload(signed))
    clock.ahead = timedelta(hours=1)
    again = verify_document.verify_upload(services, portal, Upload(signed))
    with services.database.reading() as transaction:
        assert first_receipt(transaction, first.document_sha256) == first.created_at
    (verdict,) = again.report.verdicts
    assert verdict.facts.best_signature_time == first.created_at


def test_our_receipt_excuses_a_certificate_that_was_revoked_later(
    services: Services, portal: Caller, signed: bytes, responders: Responders, clock: MovableClock
) -> None:
    verify_document.verify_upload(services, portal, Upload(signed))
    clock.ahead = timedelta(hours=2)
    responders.revoke("citizen", clock() - timedelta(hours=1))
    again = verify_document.verify_upload(services, portal, Upload(signed))
    assert again.report.conclusion is Conclusion.TOTAL_PASSED


def test_our_receipt_convicts_nobody(
    services: Services, portal: Caller, signed: bytes, responders: Responders, clock: MovableClock
) -> None:
    """Revoked after the claimed time, received first after that: when it was signed nothing proves, then or later."""
    responders.revoke("citizen", clock() + timedelta(hours=1))
    answers = []
    for _ in range(2):
        clock.ahead += timedelta(hours=2)
        (verdict,) = verify_document.verify_upload(services, portal, Upload(signed)).report.verdicts
        answers.append(verdict.sub_indication)
    assert answers == [SubIndication.REVOKED_NO_POE, SubIndication.REVOKED_NO_POE]


@pytest.mark.parametrize("data", [b"", b"not a PDF", b"%PDF-1.7 and then nothing"])
def test_what_cannot_be_read_is_an_answer_too(services: Services, portal: Caller, data: bytes) -> None:
    made = verify_document.verify_upload(services, portal, Upload(data, "x.pdf"))
    assert made.report.conclusion in (Conclusion.UNREADABLE, Conclusion.UNSUPPORTED_FORMAT)
    assert verify_document.page_pictures(services, portal, made.id, range(1), 200) == []


def test_what_is_refused_leaves_nothing(services: Services, portal: Caller, signed: bytes) -> None:
    small = replace(services, settings=replace(services.settings, max_upload_bytes=len(signed) - 1))
    cases = [
        (small, {}, RefusalKind.UPLOAD_TOO_LARGE),
        (services, {"dossier": "H35-0"}, RefusalKind.UNKNOWN_DOSSIER),
        (services, {"policy": "vn-1999.1"}, RefusalKind.UNKNOWN_POLICY),
        (services, {"policy": "../policies/vn-2025.1"}, RefusalKind.UNKNOWN_POLICY),
    ]
    for graph, options, kind in cases:
        with pytest.raises(Refused) as refused:
            verify_document.verify_upload(graph, portal, Upload(signed), **options)  # type: ignore[arg-type]
        assert refused.value.kind is kind
    assert _files(services) == 0
    assert events.list_after(services, portal).events == ()


def test_a_portal_sees_its_own_and_an_officer_all(
    services: Services, portal: Caller, other_portal: Caller, officer: Caller
) -> None:
    made = verify_document.verify_upload(services, portal, Upload(b"x"))
    assert verify_document.get_verification(services, officer, made.id).id == made.id
    assert [one.id for one in verify_document.list_verifications(services, officer)] == [made.id]
    assert verify_document.list_verifications(services, other_portal) == []
    for caller, name in ((other_portal, made.id), (portal, "no-such-id")):
        with pytest.raises(Refused) as refused:
            verify_document.get_verification(services, caller, name)
        assert refused.value.kind is RefusalKind.UNKNOWN_VERIFICATION


def test_pages_are_drawn_in_a_worker(services: Services, portal: Caller, signed: bytes) -> None:
    made = verify_document.verify_upload(services, portal, Upload(signed))
    assert made.report.format is DocumentFormat.PDF
    pictures = verify_document.page_pictures(services, portal, made.id, range(99), 300)
    assert len(pictures) == made.report.pages
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_a_missing_answer_is_asked_for_again_and_the_change_told(
    services: Services, portal: Caller, signed: bytes, responders: Responders, clock: MovableClock
) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    silence(responders)
    paper = dossiers.add_paper(services, portal, DOSSIER, Upload(signed), name="Tờ khai")
    first = paper.verification
    assert (first.report.conclusion, paper.outcome.code) == (Conclusion.INDETERMINATE, "OFFICER-DECIDES")
    assert first.retry_at is not None
    assert retry_due(services) == 0

    clock.ahead += timedelta(minutes=2)
    assert retry_due(services) == 1
    still = verify_document.get_verification(services, portal, first.id)
    assert still.retry_at is not None
    assert still.retry_at > first.retry_at
    assert still.replaced_by is None

    responders.reset()
    clock.ahead += timedelta(minutes=10)
    assert retry_due(services) == 1
    assert retry_due(services) == 0
    replaced = verify_document.get_verification(services, portal, first.id)
    assert replaced.report.conclusion is Conclusion.INDETERMINATE
    assert (replaced.retry_at, replaced.replaced_by is None) == (None, False)
    later = verify_document.get_verification(services, portal, replaced.replaced_by or "")
    assert (later.report.conclusion, later.caller, later.dossier) == (Conclusion.TOTAL_PASSED, portal.id, DOSSIER)
    (now,) = dossiers.get_dossier(services, portal, DOSSIER).papers
    assert (now.verification.id, now.outcome.code) == (later.id, "ACCEPTED")
    types = [event.type for event in events.list_after(services, portal).events]
    assert types == ["dossier.recorded", "paper.received", "verification.changed", "paper.outcome-changed"]


def test_it_is_not_asked_for_ever(
    services: Services, portal: Caller, signed: bytes, responders: Responders, clock: MovableClock
) -> None:
    silence(responders)
    made = verify_document.verify_upload(services, portal, Upload(signed))
    rounds = 0
    while verify_document.get_verification(services, portal, made.id).retry_at is not None:
        clock.ahead += timedelta(days=2)
        assert retry_due(services) == 1
        rounds += 1
    assert rounds == 8


def test_a_document_that_is_gone_is_noted_and_left(
    services: Services, portal: Caller, signed: bytes, responders: Responders, clock: MovableClock
) -> None:
    silence(responders)
    made = verify_document.verify_upload(services, portal, Upload(signed))
    sha256 = made.document_sha256
    (services.settings.documents_dir / sha256[:2] / sha256[2:4] / sha256).unlink()
    clock.ahead += timedelta(days=1)
    assert retry_due(services) == 1
    assert verify_document.get_verification(services, portal, made.id).retry_at is None
