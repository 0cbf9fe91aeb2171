"""Raised when the authorities are back, renewed before the evidence ends: by the worker, and every surface knows."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import worker
from api.actions import dossiers, events, living_results, seals
from api.actions.check_result import ResultState, public_by_code, public_by_digest
from api.actions.decisions import Decision, Reason
from api.actions.upkeep import keep_up
from api.actions.upkeep_schedule import gains, renewal_due, renewal_policy
from api.callers import Caller, Right
from api.key_ledger import KeyLedger
from api.sealing import build_sealing
from api.services import Services
from api.storage.journal import verify_acts_chain
from api.storage.living import ChangeKind
from api.storage.stamp_counts import DatabaseLedger
from api.storage.upkeep import Task, UpkeepRow, count_by_month, count_due, due_upkeep, upkeep_of
from demo.responders import Responders
from demo.stamps import Lie
from signer.authorities import StampAuthority
from tests.living_scale import fill_upkeep
from tests.sealing_home import DOSSIER, dossier_data, seal_order
from tests.unit.api.actions.conftest import MovableClock
from tests.unit.api.actions.test_living_results import AUTHORITY
from tests.unit.signer.sealing import short_lived


@pytest.fixture
def patient(services: Services, portal: Caller, clock: MovableClock) -> Services:
    """The agency lets results go without time stamps, where there are none."""
    path = services.settings.agencies_path
    text = path.read_text(encoding="utf-8").replace('code = "H35.16"\n', 'code = "H35.16"\nstamps_may_follow = true\n')
    path.write_text(text, encoding="utf-8")
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    return rebuilt(services)


def rebuilt(services: Services) -> Services:
    """With an object of its own that seals: another process of the same installation."""
    ledgers = KeyLedger(services.database, services.clock), DatabaseLedger(services.database, services.clock)
    return replace(services, sealing=build_sealing(services.settings, services.validation, {}, *ledgers))


def upkeep(services: Services, code: str) -> UpkeepRow:
    with services.database.reading() as transaction:
        return upkeep_of(transaction, code)


def told(services: Services, caller: Caller, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in events.list_after(services, caller, limit=500).events if event.type == kind]


def test_delivered_at_once_without_stamps_and_raised_when_they_are_back(
    patient: Services, portal: Caller, responders: Responders, clock: MovableClock
) -> None:
    responders.down("tsa/official")
    seal = seals.seal(patient, portal, "k1", seal_order(level="B-LTA"))
    assert (seal.level, seal.wished_level) == ("B-B", "B-LTA")
    (sealed,) = told(patient, portal, "result.sealed")
    assert (sealed["level"], sealed["wished_level"]) == ("B-B", "B-LTA")
    assert keep_up(patient) == 0, "still down"
    assert upkeep(patient, seal.result_code).failure == "TIMESTAMP-UNAVAILABLE"
    assert keep_up(patient) == 0, "not asked again at once"
    responders.reset()
    clock.ahead += timedelta(minutes=2)
    assert worker.work_once(patient).evidence_kept == 1
    raised = seals.get_seal(patient, portal, seal.result_code)
    assert (raised.level, raised.wished_level) == ("B-LTA", "B-LTA")
    assert raised.verification_code == seal.verification_code, "the same result under the same code"
    assert raised.sha256 != seal.sha256
    _, data = seals.sealed_document(patient, portal, seal.result_code)
    assert data.startswith(patient.documents.get(seal.sha256))
    (event,) = told(patient, portal, "result.raised")
    assert (event["level"], event["version"], event["sha256"]) == ("B-LTA", 2, raised.sha256)
    for digest, earlier in ((seal.sha256, True), (raised.sha256, False)):
        answer = public_by_digest(patient, digest)
        assert answer.state is ResultState.IN_FORCE
        assert answer.result is not None and answer.result.earlier_version is earlier
    state = upkeep(patient, seal.result_code)
    assert (state.task, state.failure, state.attempts, state.lease) == (Task.RENEW, None, 0, None)
    assert worker.work_once(patient).idle
    with patient.database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad is None


def test_without_leave_of_the_agency_nothing_is_sealed(
    services: Services, portal: Caller, responders: Responders
) -> None:
    from api.refused import RefusalKind, Refused

    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    responders.lie("tsa/official", Lie.WRONG_NONCE)
    with pytest.raises(Refused) as refused:
        seals.seal(services, portal, "k1", seal_order(level="B-T"))
    assert refused.value.kind is RefusalKind.TEMPORARILY_UNAVAILABLE
    assert refused.value.parameters["refusal"] == "TIMESTAMP-REJECTED"
    responders.reset()
    assert seals.seal(services, portal, "k1", seal_order(level="B-T")).level == "B-T"


def test_withdrawn_before_it_is_raised_it_is_both(
    patient: Services, portal: Caller, responders: Responders, clock: MovableClock
) -> None:
    """A withdrawal in the very middle of the raising: neither undoes the other."""
    responders.down("tsa/official")
    seal = seals.seal(patient, portal, "k1", seal_order(level="B-LT"))
    responders.reset()
    chief = replace(portal, rights=frozenset(Right))
    decision = Decision(ChangeKind.WITHDRAWAL, seal.result_code, Reason.HOLDER_REQUEST, AUTHORITY)

    def withdraw(step: str) -> None:
        if step == "stamped":
            living_results.change_result(patient, chief, "w", decision)

    assert keep_up(patient, checkpoint=withdraw) == 1
    found = living_results.get_result(patient, portal, seal.result_code)
    assert (found.state.state, found.row.level) == ("withdrawn", "B-LT")
    assert [version.cause for version in found.versions] == ["sealed", "raised"]
    for answer in (
        public_by_code(patient, seal.verification_code),
        *(public_by_digest(patient, version.document_sha256) for version in found.versions),
    ):
        assert answer.state is ResultState.WITHDRAWN


def test_two_workers_raise_it_once(patient: Services, portal: Caller, responders: Responders) -> None:
    responders.down("tsa/official")
    codes = [seals.seal(patient, portal, f"k{number}", seal_order(level="B-T")).result_code for number in range(2)]
    responders.reset()
    done = list[int]()
    threads = [threading.Thread(target=lambda: done.append(keep_up(patient))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told(patient, portal, "result.raised")) == 2
    for code in codes:
        assert len(living_results.get_result(patient, portal, code).versions) == 2


def test_renewed_before_its_end_and_no_sooner(
    patient: Services, portal: Caller, responders: Responders, clock: MovableClock
) -> None:
    with short_lived(responders.pki, clock() + timedelta(days=4)):
        seal = seals.seal(patient, portal, "k1", seal_order(level="B-LTA"))
        state = upkeep(patient, seal.result_code)
        assert (state.task, state.expires_with) == (Task.RENEW, "DEMO TSA chuyên dùng")
        assert keep_up(patient) == 0
        clock.ahead += timedelta(days=2, minutes=1)
        assert keep_up(patient) == 0, "the authority has no newer certificate yet"
        assert upkeep(patient, seal.result_code).failure == "RENEWAL-GAINS-NOTHING"
    assert keep_up(patient) == 0, "asked again tomorrow"
    clock.ahead += timedelta(days=1)
    fresh = rebuilt(patient)
    assert keep_up(fresh) == 1
    (event,) = told(patient, portal, "result.renewed")
    assert (event["level"], event["version"]) == ("B-LTA", 2)
    _, data = seals.sealed_document(patient, portal, seal.result_code)
    assert data.startswith(patient.documents.get(seal.sha256))
    answer = public_by_digest(patient, seal.sha256)
    assert answer.result is not None and answer.result.earlier_version
    after = upkeep(patient, seal.result_code)
    assert after.expires_at is not None and state.expires_at is not None
    assert after.expires_at > state.expires_at + timedelta(days=100)
    assert keep_up(fresh) == 0


def test_when_a_renewal_falls_due() -> None:
    policy, now = renewal_policy(), datetime(2026, 11, 24, tzinfo=UTC)
    far = now + timedelta(days=3650)
    due = [renewal_due(f"D-{number}-KQ1", far, policy, now) for number in range(400)]
    assert len(set(due)) == 400, "spread"
    assert all(policy.before <= far - one <= policy.before + policy.spread for one in due)
    assert max(due) - min(due) > policy.spread * 0.9
    near = now + timedelta(days=10)
    assert renewal_due("D-KQ1", near, policy, now) == now + timedelta(days=5), "never without end"
    assert not gains(now, near, now + timedelta(days=11))
    assert gains(now, near, now + timedelta(days=12))


def test_a_file_that_is_gone_is_said_and_asked_for_again(
    patient: Services, portal: Caller, responders: Responders, clock: MovableClock
) -> None:
    responders.down("tsa/official")
    seal = seals.seal(patient, portal, "k1", seal_order(level="B-T"))
    responders.reset()
    path = patient.settings.documents_dir / seal.sha256[:2] / seal.sha256[2:4] / seal.sha256
    data = path.read_bytes()
    path.unlink()
    assert keep_up(patient) == 0
    state = upkeep(patient, seal.result_code)
    assert (state.failure, state.task, state.lease) == ("DOCUMENT-MISSING", Task.RAISE, None)
    path.write_bytes(data)
    clock.ahead += timedelta(minutes=2)
    assert keep_up(patient) == 1


def test_results_from_before_are_assessed(patient: Services, portal: Caller) -> None:
    seal = seals.seal(patient, portal, "k1", seal_order(level="B-LTA"))
    known = upkeep(patient, seal.result_code)
    with patient.database.writing() as transaction:
        change = "update result_upkeep set task = 'assess', next_at = '2026-01-01 00:00:00.000000', expires_at = null"
        transaction.connection.exec_driver_sql(change)
    assert keep_up(patient) == 1
    again = upkeep(patient, seal.result_code)
    assert replace(again, next_at=known.next_at) == known
    assert again.next_at is not None and known.next_at is not None
    assert abs(again.next_at - known.next_at) < timedelta(minutes=1)


def test_quotas_are_counted_for_all_processes_together(patient: Services, clock: MovableClock) -> None:
    authority = StampAuthority("http://tsa.example/", per_hour=5, per_day=6)
    ledgers = [DatabaseLedger(patient.database, clock) for _ in range(4)]
    taken = list[bool]()
    threads = [
        threading.Thread(target=lambda one=ledger: taken.extend(one.take(authority, background=False) for _ in "abc"))
        for ledger in ledgers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(taken), sum(taken)) == (12, 5)
    assert sorted(ledgers[0].counts(authority).values()) == [5, 5], "a refused question is counted nowhere"
    clock.ahead += timedelta(hours=1)
    assert sum(ledgers[0].take(authority, background=False) for _ in range(3)) in (1, 3), "one left in the day"


def test_what_is_due_is_found_by_the_index_among_a_hundred_thousand(services: Services) -> None:
    """The plan, not a stopwatch: no row is read that is not due."""
    fill_upkeep(services.database, 100_000, services.clock())
    with services.database.reading() as transaction:
        due = due_upkeep(transaction, Task.RENEW, services.clock(), 20)
        plan = transaction.connection.exec_driver_sql(
            "explain query plan select * from result_upkeep where task = 'renew' and next_at <= '2026-11-24' "
            "order by next_at limit 20"
        ).all()
        months = count_by_month(transaction, None, 1000)
        assert count_due(transaction, services.clock(), None)[Task.RENEW] == 100
    assert len(due) == 20 and [row.next_at for row in due] == sorted(row.next_at for row in due if row.next_at)
    assert [step for step in plan if "ix_result_upkeep_task_next_at" in str(step)] == plan, plan
    assert sum(month.count for month in months) == 100_000
    assert months == sorted(months, key=lambda month: month.month)
