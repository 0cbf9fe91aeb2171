"""Sealing: once per key, told once, refused with the reason, and found again by those who may."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from api.actions import dossiers, events, leases, seals
from api.actions.seal_intents import SealDesk, start
from api.actions.verify_document import get_verification
from api.callers import Caller
from api.codes import MAX_RESULT_NUMBER
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.journal import verify_acts_chain
from api.storage.seals import IntentState, find_intent, pending_intents
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import sign_as
from tests.sealing_home import DOSSIER, dossier_data, result_paper, seal_order
from tests.unit.api.actions.conftest import MovableClock, silence
from verifier.report import Conclusion, SignatureKind

KEY = "cong-2026-0001"


@pytest.fixture(autouse=True)
def dossier(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())


def _sealed_events(services: Services, caller: Caller) -> list[events.Event]:
    return [event for event in events.list_after(services, caller).events if event.type == "result.sealed"]


def _refused(services: Services, caller: Caller, key: str, order: seals.SealOrder) -> Refused:
    with pytest.raises(Refused) as caught:
        seals.seal(services, caller, key, order)
    return caught.value


def test_a_result_is_signed_sealed_and_registered(services: Services, portal: Caller) -> None:
    seal = seals.seal(services, portal, KEY, seal_order())
    name, data = seals.sealed_document(services, portal, seal.result_code)
    assert (seal.result_code, name) == (f"{DOSSIER}-KQ1", f"{DOSSIER}-KQ1.pdf")
    assert hashlib.sha256(data).hexdigest() == seal.sha256
    assert (data.startswith(result_paper()), len(data)) == (True, seal.size_bytes)
    assert seal.check_url == f"https://kiem-tra.example/kiem-tra/{seal.verification_code}"
    check = get_verification(services, portal, seal.verification_id)
    assert check.report.conclusion is Conclusion.TOTAL_PASSED
    signatures = [one for one in check.report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]
    assert [one.facts.signer.name for one in signatures if one.facts.signer] == [
        "Phạm Thị Mẫu",
        "Sở Tài nguyên và Môi trường DEMO",
    ]
    assert seals.get_seal(services, portal, seal.result_code) == seal
    assert dossiers.get_dossier(services, portal, DOSSIER).results == (seal.result_code,)
    (event,) = _sealed_events(services, portal)
    assert (event.subject, event.data["sha256"]) == (f"result:{seal.result_code}", seal.sha256)


def test_a_long_term_seal_keeps_the_evidence_of_its_making(services: Services, portal: Caller) -> None:
    seal = seals.seal(services, portal, KEY, seal_order(level="B-LTA"))
    stored = sum(1 for path in services.settings.evidence_dir.rglob("*") if path.is_file())
    assert stored > 5
    check = get_verification(services, portal, seal.verification_id)
    assert {one.facts.level for one in check.report.verdicts if one.facts.level} >= {"PAdES-BASELINE-LTA"}


def test_numbers_end_where_they_no_longer_make_a_result_code(services: Services, portal: Caller) -> None:
    above = _refused(services, portal, KEY, seal_order(result_number=MAX_RESULT_NUMBER + 1))
    assert (above.kind, above.parameters["field"]) == (RefusalKind.INVALID_REQUEST, "result_number")
    last = seals.seal(services, portal, KEY, seal_order(result_number=MAX_RESULT_NUMBER))
    for key in ("next-1", "next-2"):
        none_left = _refused(services, portal, key, seal_order(title="Giấy khác"))
        assert (none_left.kind, none_left.parameters["reason"]) == (RefusalKind.INVALID_REQUEST, "none left")
    assert dossiers.get_dossier(services, portal, DOSSIER).results == (last.result_code,)


def test_the_same_key_and_order_give_the_same_seal(services: Services, portal: Caller) -> None:
    first = seals.seal(services, portal, KEY, seal_order())
    again = seals.seal(services, portal, KEY, seal_order())
    assert again == replace(first, replayed=True)
    assert len(_sealed_events(services, portal)) == 1


def test_the_same_seal_is_given_even_when_keys_are_gone(services: Services, portal: Caller) -> None:
    first = seals.seal(services, portal, KEY, seal_order())
    assert services.sealing is not None
    services.sealing.agencies = {}
    assert seals.seal(services, portal, KEY, seal_order()).sha256 == first.sha256


@pytest.mark.parametrize(
    "changes", [{"title": "Giấy khác"}, {"document": result_paper() + b"\n"}, {"valid_until": None}, {"level": "B-T"}]
)
def test_the_same_key_with_another_order_is_refused(
    services: Services, portal: Caller, changes: dict[str, object]
) -> None:
    seals.seal(services, portal, KEY, seal_order())
    refused = _refused(services, portal, KEY, seal_order(**changes))
    assert refused.kind is RefusalKind.IDEMPOTENCY_KEY_REUSED
    assert len(_sealed_events(services, portal)) == 1


def test_keys_belong_to_their_caller(services: Services, portal: Caller, officer: Caller) -> None:
    first = seals.seal(services, portal, KEY, seal_order())
    second = seals.seal(services, officer, KEY, seal_order())
    assert (first.result_code, second.result_code) == (f"{DOSSIER}-KQ1", f"{DOSSIER}-KQ2")
    assert first.verification_code != second.verification_code


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"agency": "so-khac"}, RefusalKind.UNKNOWN_AGENCY),
        ({"signatory": "thu-ky"}, RefusalKind.UNKNOWN_SIGNATORY),
        ({"dossier": "H35-0"}, RefusalKind.UNKNOWN_DOSSIER),
        ({"level": "B-X"}, RefusalKind.INVALID_REQUEST),
        ({"title": " "}, RefusalKind.INVALID_REQUEST),
        ({"holder_name": ""}, RefusalKind.INVALID_REQUEST),
        ({"result_number": 0}, RefusalKind.INVALID_REQUEST),
        ({"valid_until": date(2020, 1, 1)}, RefusalKind.INVALID_REQUEST),
        ({"document": b"x" * (100 * 1024 * 1024 + 1)}, RefusalKind.UPLOAD_TOO_LARGE),
    ],
)
def test_an_order_that_cannot_be_carried_out_leaves_nothing(
    services: Services, portal: Caller, changes: dict[str, object], kind: RefusalKind
) -> None:
    assert _refused(services, portal, KEY, seal_order(**changes)).kind is kind
    assert not services.settings.documents_dir.exists()
    assert dossiers.get_dossier(services, portal, DOSSIER).results == ()


@pytest.mark.parametrize("key", ["", "có dấu", "x" * 256, "two words"])
def test_a_malformed_key_is_refused(services: Services, portal: Caller, key: str) -> None:
    assert _refused(services, portal, key, seal_order()).kind is RefusalKind.INVALID_REQUEST


def test_another_agencys_caller_neither_seals_nor_sees(
    services: Services, portal: Caller, other_portal: Caller
) -> None:
    assert _refused(services, other_portal, KEY, seal_order()).kind is RefusalKind.AGENCY_NOT_ALLOWED
    seal = seals.seal(services, portal, KEY, seal_order())
    for ask in (seals.get_seal, seals.sealed_document):
        with pytest.raises(Refused) as refused:
            ask(services, other_portal, seal.result_code)
        assert refused.value.kind is RefusalKind.UNKNOWN_RESULT


def test_a_deployment_without_agencies_says_so(services: Services, portal: Caller) -> None:
    verify_only = replace(services, sealing=None)
    assert _refused(verify_only, portal, KEY, seal_order()).kind is RefusalKind.SEALING_NOT_CONFIGURED
    assert seals.resolve_intents(verify_only) == 0


def test_a_certain_number_can_be_asked_for_once(services: Services, portal: Caller) -> None:
    seal = seals.seal(services, portal, KEY, seal_order(result_number=5))
    assert seal.result_code == f"{DOSSIER}-KQ5"
    assert _refused(services, portal, "k2", seal_order(result_number=5)).kind is RefusalKind.RESULT_CODE_TAKEN
    assert seals.seal(services, portal, "k3", seal_order()).result_code == f"{DOSSIER}-KQ6"


def test_what_the_signer_refuses_is_said_and_its_number_is_free_again(services: Services, portal: Caller) -> None:
    refused = _refused(services, portal, KEY, seal_order(document=b"not a PDF"))
    assert refused.kind is RefusalKind.SEAL_REFUSED
    assert refused.parameters["refusal"] in ("NOT-A-PDF", "DOCUMENT-UNREADABLE")
    assert seals.seal(services, portal, "k2", seal_order()).result_code == f"{DOSSIER}-KQ1"
    with services.database.reading() as transaction:
        intent = find_intent(transaction, portal.id, KEY)
    assert intent is not None
    assert (intent.state, intent.result_number, intent.lease) == (IntentState.REFUSED, None, None)
    assert _refused(services, portal, KEY, seal_order(document=b"not a PDF")).kind is RefusalKind.SEAL_REFUSED


def test_a_service_that_does_not_answer_is_no_verdict_on_the_order(
    services: Services, portal: Caller, responders: Responders
) -> None:
    silence(responders)
    refused = _refused(services, portal, KEY, seal_order())
    assert (refused.kind, refused.parameters["refusal"]) == (
        RefusalKind.TEMPORARILY_UNAVAILABLE,
        "CERTIFICATE-STATUS-UNKNOWN",
    )
    assert refused.retry_after_s is not None
    responders.reset()
    assert seals.seal(services, portal, KEY, seal_order()).result_code == f"{DOSSIER}-KQ1"


def test_a_revoked_signer_seals_nothing(services: Services, portal: Caller, responders: Responders) -> None:
    responders.revoke("officer")
    refused = _refused(services, portal, KEY, seal_order())
    assert (refused.kind, refused.parameters["refusal"]) == (RefusalKind.SEAL_REFUSED, "CERTIFICATE-REVOKED")
    assert _sealed_events(services, portal) == []


def test_a_signed_input_keeps_its_signature_or_is_refused(services: Services, portal: Caller, pki: DemoPki) -> None:
    signed = sign_as(pki, "citizen", result_paper())
    try:
        seal = seals.seal(services, portal, KEY, seal_order(document=signed))
    except Refused as refused:
        assert refused.kind is RefusalKind.SEAL_REFUSED
    else:
        check = get_verification(services, portal, seal.verification_id)
        assert check.report.conclusion is Conclusion.TOTAL_PASSED


def test_at_the_same_time_one_seals_and_the_others_wait(services: Services, portal: Caller) -> None:
    made: list[seals.Seal] = []
    kinds: list[RefusalKind] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        try:
            made.append(seals.seal(services, portal, KEY, seal_order()))
        except Refused as refused:
            kinds.append(refused.kind)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({seal.sha256 for seal in made}) == 1
    assert set(kinds) <= {RefusalKind.SEAL_IN_PROGRESS}
    assert len(made) + len(kinds) == 4
    assert seals.seal(services, portal, KEY, seal_order()).sha256 == made[0].sha256
    assert len(_sealed_events(services, portal)) == 1


def test_different_orders_at_the_same_time_get_different_numbers(services: Services, portal: Caller) -> None:
    made: list[seals.Seal] = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(seals.seal(services, portal, f"k{n}", seal_order())))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seal.result_code for seal in made) == [f"{DOSSIER}-KQ{n}" for n in (1, 2, 3)]


def _desk(services: Services, caller: Caller) -> SealDesk:
    assert services.sealing is not None
    return SealDesk(services, services.sealing, caller.id, KEY, seal_order())


def test_who_was_overtaken_hands_out_the_others_seal(services: Services, portal: Caller, clock: MovableClock) -> None:
    """A process that was only slow: its lease ended, another one sealed, then it wakes up."""
    overtaker: list[seals.Seal] = []

    def overtake(step: str) -> None:
        if step == "kept" and not overtaker:
            clock.ahead += leases.LEASE + timedelta(seconds=1)
            overtaker.append(seals.seal(services, portal, KEY, seal_order()))

    slow = seals.seal(services, portal, KEY, seal_order(), checkpoint=overtake)
    assert slow == replace(overtaker[0], replayed=True)
    assert len(_sealed_events(services, portal)) == 1
    with services.database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad is None


def test_a_failure_of_our_own_leaves_the_intent_to_the_worker(services: Services, portal: Caller) -> None:
    def fail(step: str) -> None:
        if step == "signed":
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        seals.seal(services, portal, KEY, seal_order(), checkpoint=fail)
    assert seals.resolve_intents(services) == 1
    assert seals.resolve_intents(services) == 0
    seal = seals.seal(services, portal, KEY, seal_order())
    assert (seal.replayed, seal.result_code) == (True, f"{DOSSIER}-KQ1")


def test_the_worker_leaves_alone_what_somebody_is_at_and_gives_up_at_last(
    services: Services, portal: Caller, clock: MovableClock
) -> None:
    services.documents.put(result_paper())
    start(_desk(services, portal))
    assert seals.resolve_intents(services) == 0
    for _ in range(seals.MAX_ATTEMPTS - 1):
        clock.ahead += leases.LEASE
        start(_desk(services, portal))
    clock.ahead += leases.LEASE
    assert seals.resolve_intents(services) == 1
    with services.database.reading() as transaction:
        intent = find_intent(transaction, portal.id, KEY)
        assert pending_intents(transaction, 10, "batch:") == []
    assert intent is not None
    assert (intent.state, intent.refusal) == (IntentState.REFUSED, seals.GAVE_UP)
    assert seals.seal(services, portal, KEY, seal_order()).replayed is False


def test_the_record_tells_plan_and_act_of_every_seal(services: Services, portal: Caller) -> None:
    seals.seal(services, portal, KEY, seal_order())
    with services.database.reading() as transaction:
        rows = transaction.connection.exec_driver_sql("select act, data from acts order by number").all()
        check = verify_acts_chain(transaction)
    keys = ["key.use-started", "key.use-done"] * 2
    assert [row[0] for row in rows] == [
        "dossier.recorded",
        "seal.intended",
        *keys,
        "document.verified",
        "result.sealed",
    ]
    assert '"plan_sha256"' in rows[1][1]
    assert "Hoa" not in str(rows)
    assert check.first_bad is None
