"""Another agency's papers, verifications, results and batches are unknown to an officer or a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from api.actions import batch_control, batch_view, batches, dossiers, events, seals, verify_document
from api.actions.batch_order import WhenComplete
from api.actions.evidence import evidence_bundle
from api.actions.reports import etsi_report
from api.actions.verify_document import Upload
from api.callers import OPERATOR, Caller, CallerKind, Right
from api.i18n.texts import load_texts
from api.refused import RefusalKind, Refused
from api.services import Services
from tests.batch_making import papers, ready_batch
from tests.installation import unsigned_declaration
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, seal_order

TEXTS = load_texts()
NEIGHBOUR = Caller(CallerKind.OFFICER, "officer:9", "cán bộ khác", frozenset({"so-gtvt"}), frozenset(Right))
COLLEAGUE = Caller(CallerKind.OFFICER, "officer:2", "đồng nghiệp", frozenset({AGENCY}))
OF_BOTH = Caller(CallerKind.OFFICER, "officer:3", "cán bộ hai sở", frozenset({AGENCY, "so-xd"}))
OF_THE_PROVINCE = Caller(CallerKind.OFFICER, "officer:4", "văn phòng", frozenset({"*"}))

Look = Callable[[Services, Caller, str], object]
LOOKS: list[Look] = [
    verify_document.get_verification,
    verify_document.verification_document,
    lambda services, caller, one: verify_document.page_pictures(services, caller, one, range(1), 200),
    lambda services, caller, one: evidence_bundle(services, caller, one, TEXTS),
    lambda services, caller, one: etsi_report(services, caller, one, TEXTS),
]


def _refusal(kind: RefusalKind) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda refused: refused.kind is kind)


def _listed(services: Services, caller: Caller) -> set[str]:
    return {one.id for one in verify_document.list_verifications(services, caller, limit=100)}


def _told(services: Services, caller: Caller) -> set[str]:
    return {event.subject for event in events.list_after(services, caller).events}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("of", [COLLEAGUE, OF_BOTH], ids=["of one agency", "of two agencies"])
def test_what_an_officer_checked_is_his_agencys(services: Services, of: Caller, look: Look) -> None:
    made = verify_document.verify_upload(services, of, Upload(unsigned_declaration(), "lý lịch tư pháp.pdf"))
    for caller in (COLLEAGUE, OF_BOTH, OF_THE_PROVINCE):
        look(services, caller, made.id)
        assert made.id in _listed(services, caller)
    with _refusal(RefusalKind.UNKNOWN_VERIFICATION):
        look(services, NEIGHBOUR, made.id)
    assert made.id not in _listed(services, NEIGHBOUR)
    assert f"verification:{made.id}" not in _told(services, NEIGHBOUR)
    assert f"verification:{made.id}" in _told(services, COLLEAGUE)


def test_a_result_is_its_agencys_also_in_a_dossier_of_the_province(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    sealed = seals.seal(services, portal, "k", seal_order())
    assert verify_document.verification_document(services, COLLEAGUE, sealed.verification_id)[1]
    with _refusal(RefusalKind.UNKNOWN_VERIFICATION):
        verify_document.verification_document(services, NEIGHBOUR, sealed.verification_id)
    with _refusal(RefusalKind.UNKNOWN_RESULT):
        seals.sealed_document(services, NEIGHBOUR, sealed.result_code)
    assert sealed.verification_id not in _listed(services, NEIGHBOUR)


def test_a_paper_is_seen_by_whoever_sees_its_dossier(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, COLLEAGUE, DOSSIER, dossier_data())
    paper = dossiers.add_paper(services, portal, DOSSIER, Upload(unsigned_declaration(), "tờ khai.pdf"), name="tờ khai")
    assert verify_document.get_verification(services, OF_BOTH, paper.verification.id)
    assert paper.verification.id in _listed(services, OF_BOTH)
    with _refusal(RefusalKind.UNKNOWN_VERIFICATION):
        verify_document.get_verification(services, NEIGHBOUR, paper.verification.id)
    assert paper.verification.id not in _listed(services, NEIGHBOUR)


def test_what_is_the_provinces_and_no_agencys_every_officer_sees(services: Services, portal: Caller) -> None:
    made = verify_document.verify_upload(services, portal, Upload(unsigned_declaration(), "tờ khai.pdf"))
    assert verify_document.get_verification(services, NEIGHBOUR, made.id)
    assert made.id in _listed(services, NEIGHBOUR)


def test_another_key_sees_nothing_of_a_verification(services: Services, portal: Caller, other_portal: Caller) -> None:
    made = verify_document.verify_upload(services, portal, Upload(unsigned_declaration(), "tờ khai.pdf"))
    with _refusal(RefusalKind.UNKNOWN_VERIFICATION):
        verify_document.get_verification(services, other_portal, made.id)
    assert _listed(services, other_portal) == set()
    assert f"verification:{made.id}" not in _told(services, other_portal)


ACTS = [batch_control.start, batch_control.resume, batch_control.repeat_failed]


@pytest.mark.parametrize("act", ACTS)
def test_a_batch_is_sealed_by_an_officer_with_the_right_and_unknown_to_a_neighbour(
    services: Services, act: Callable[[Services, Caller, str], object]
) -> None:
    batch_id = ready_batch(services, papers(1), "k")
    with _refusal(RefusalKind.RIGHT_MISSING):
        act(services, COLLEAGUE, batch_id)
    with _refusal(RefusalKind.UNKNOWN_BATCH):
        act(services, NEIGHBOUR, batch_id)
    assert batch_view.get_batch(services, COLLEAGUE, batch_id).state == "ready"
    started = batch_control.start(services, replace(COLLEAGUE, rights=frozenset({Right.RELEASE_SEALS})), batch_id)
    assert started.state == "running"


def test_an_officer_without_the_right_records_no_batch_that_seals_itself(services: Services) -> None:
    made = papers(1)
    order = replace(made.order, when_complete=WhenComplete.SEAL)
    with _refusal(RefusalKind.RIGHT_MISSING):
        batches.create_batch(services, COLLEAGUE, "k", order)
    batch = batches.create_batch(services, OPERATOR, "k", order)
    (item,) = order.items
    assert batches.put_document(services, COLLEAGUE, batch.id, item.document, made.documents[0]).state == "ready"
