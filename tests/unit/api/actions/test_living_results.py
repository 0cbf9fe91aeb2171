"""Withdrawn, replaced, corrected: once, by those who may, and every surface says the same at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from api.actions import dossiers, events, living_results, rights, seals
from api.actions.check_result import ResultState, public_by_code, public_by_digest
from api.actions.decisions import Authority, Decision, Facts, Reason
from api.callers import OPERATOR, Caller, Right
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import DatabaseUnavailable
from api.storage.journal import verify_acts_chain
from api.storage.living import ChangeKind
from tests.sealing_home import DOSSIER, dossier_data, seal_order
from tests.unit.api.actions.conftest import MovableClock

AUTHORITY = Authority("Giám đốc Sở Tài nguyên và Môi trường", "512/QĐ-STNMT", date(2026, 11, 20))

Sealer = Callable[..., seals.Seal]


@pytest.fixture
def chief(officer: Caller) -> Caller:
    """An officer with both rights."""
    return replace(officer, rights=frozenset(Right))


@pytest.fixture
def seal(services: Services, portal: Caller) -> Sealer:
    """Seal one more result of the dossier."""
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    return lambda key, **changes: seals.seal(services, portal, key, seal_order(**changes))


def withdrawal(code: str, **changes: Any) -> Decision:
    return replace(Decision(ChangeKind.WITHDRAWAL, code, Reason.ISSUED_IN_ERROR, AUTHORITY, "nội bộ"), **changes)


def replacement(code: str, successor: str) -> Decision:
    return Decision(ChangeKind.REPLACEMENT, code, Reason.CONTENT_CHANGED, AUTHORITY, successor=successor)


def correction(code: str, **facts: Any) -> Decision:
    note = "Số giấy phép đúng là 119/GP-STNMT."
    wrong = Reason.MISTAKE_IN_WRITING
    return Decision(ChangeKind.CORRECTION, code, wrong, AUTHORITY, public_note=note, facts=Facts(**facts))


def refused(services: Services, caller: Caller, key: str, decision: Decision) -> Refused:
    """The refusal; and nothing was recorded."""
    before = _recorded(services)
    with pytest.raises(Refused) as raised:
        living_results.change_result(services, caller, key, decision)
    assert _recorded(services) == before
    return raised.value


def _recorded(services: Services) -> list[Any]:
    tables = ("result_changes", "events", "acts")
    with services.database.reading() as transaction:
        ask = transaction.connection.exec_driver_sql
        states = ask("select result_code, state, changes from result_states order by 1").all()
        return [*(ask(f"select count(*) from {table}").scalar_one() for table in tables), *states]


def test_a_withdrawn_result_says_so_everywhere_at_once(services: Services, seal: Sealer, chief: Caller) -> None:
    sealed = seal("k1")
    found = living_results.change_result(services, chief, "w1", withdrawal(sealed.result_code))
    assert (found.state.state, found.replayed) == ("withdrawn", False)
    for answer in (public_by_code(services, sealed.verification_code), public_by_digest(services, sealed.sha256)):
        assert answer.state is ResultState.WITHDRAWN
        assert answer.result is not None and answer.result.change is not None
        change = answer.result.change
        assert (change.reason, change.decision_number) == ("issued-in-error", "512/QĐ-STNMT")
        assert "nội bộ" not in str(answer), "the agency's note is not the public's"
        assert DOSSIER not in str(answer)
    told = events.list_after(services, chief).events[-1]
    assert (told.type, told.subject) == ("result.withdrawn", f"result:{sealed.result_code}")
    assert (told.data["dossier"], told.data["reason"], told.data["state"]) == (DOSSIER, "issued-in-error", "withdrawn")
    assert "nội bộ" not in str(told) and "Giám đốc" not in str(told)
    with services.database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad is None
    name, data = seals.sealed_document(services, chief, sealed.result_code)
    assert (name, len(data)) == (f"{sealed.result_code}.pdf", sealed.size_bytes), "nothing is deleted"


def test_the_same_decision_again_is_the_same_and_another_is_refused(
    services: Services, seal: Sealer, chief: Caller
) -> None:
    code = seal("k1").result_code
    living_results.change_result(services, chief, "w1", withdrawal(code))
    before = _recorded(services)
    again = living_results.change_result(services, chief, "w1", withdrawal(code))
    assert (again.replayed, len(again.changes), _recorded(services)) == (True, 1, before)
    other = replace(withdrawal(code), reason=Reason.HOLDER_REQUEST)
    assert refused(services, chief, "w1", other).kind is RefusalKind.IDEMPOTENCY_KEY_REUSED
    for decision in (withdrawal(code), correction(code), replacement(code, seal("k2").result_code)):
        assert refused(services, chief, "w2", decision).kind is RefusalKind.RESULT_NOT_IN_FORCE


def test_each_right_opens_its_own_door_only(services: Services, seal: Sealer, officer: Caller) -> None:
    one, two = seal("k1").result_code, seal("k2").result_code
    wishes = {
        Right.WITHDRAW_RESULTS: [withdrawal(one), replacement(one, two)],
        Right.CORRECT_RESULTS: [correction(one)],
    }
    for right, wished in wishes.items():
        without = replace(officer, rights=frozenset(Right) - {right})
        for decision in wished:
            refusal = refused(services, without, "k", decision)
            assert (refusal.kind, refusal.parameters["right"]) == (RefusalKind.RIGHT_MISSING, right.value)
    stranger = replace(officer, agencies=frozenset({"another"}), rights=frozenset(Right))
    assert refused(services, stranger, "k", withdrawal(one)).kind is RefusalKind.UNKNOWN_RESULT


def test_rights_are_given_and_taken_by_the_operator(services: Services) -> None:
    from api.actions import identities

    key = identities.create_api_key(services, OPERATOR, "cổng")
    asked = identities.authenticate_api_key(services, key.text)
    assert asked is not None and asked.rights == frozenset(), "nobody has a right from the start"
    rights.change_rights(services, OPERATOR, key.id, give=[Right.WITHDRAW_RESULTS])
    asked = identities.authenticate_api_key(services, key.text)
    assert asked is not None and asked.rights == {Right.WITHDRAW_RESULTS}
    identities.create_officer(services, OPERATOR, "hoa", "Hoa", "một mật khẩu dài", ("so-tnmt",))
    rights.change_rights(services, OPERATOR, "HOA", give=list(Right))
    rights.change_rights(services, OPERATOR, "hoa", take=[Right.WITHDRAW_RESULTS])
    session = identities.sign_in(services, "hoa", "một mật khẩu dài", "127.0.0.1")
    assert session is not None
    resumed = identities.resume_session(services, session.token)
    kept = set(Right) - {Right.WITHDRAW_RESULTS}
    assert resumed is not None and resumed.rights == session.caller.rights == kept
    with pytest.raises(Refused):
        rights.change_rights(services, OPERATOR, "nobody", give=[Right.CORRECT_RESULTS])


def test_a_replaced_result_names_what_holds_at_the_end_of_the_chain(
    services: Services, seal: Sealer, chief: Caller
) -> None:
    a, b, c = seal("a"), seal("b", number="119/GP-STNMT"), seal("c", number="120/GP-STNMT")
    living_results.change_result(services, chief, "1", replacement(a.result_code, b.result_code))
    living_results.change_result(services, chief, "2", replacement(b.result_code, c.result_code))
    for sealed in (a, b):
        answer = public_by_code(services, sealed.verification_code)
        assert answer.state is ResultState.REPLACED
        assert answer.result is not None and answer.result.successor is not None
        assert (answer.result.successor.number, answer.result.successor.state) == ("120/GP-STNMT", "in-force")
        assert c.verification_code not in str(answer), "it could be printed on a forged paper"
    living_results.change_result(services, chief, "3", withdrawal(c.result_code))
    answer = public_by_code(services, a.verification_code)
    assert answer.result is not None and answer.result.successor is not None
    assert answer.result.successor.state is ResultState.WITHDRAWN


@pytest.mark.parametrize("reason", ["itself", "unknown", "agency", "not-in-force"])
def test_what_cannot_take_its_place(services: Services, seal: Sealer, chief: Caller, reason: str) -> None:
    one, two = seal("k1").result_code, seal("k2").result_code
    successor = {"itself": one, "unknown": f"{DOSSIER}-KQ77"}.get(reason, two)
    caller = replace(chief, agencies=frozenset({"*"}))
    if reason == "agency":
        with services.database.writing() as transaction:
            change = "update results set agency = 'another' where result_code = ?"
            transaction.connection.exec_driver_sql(change, (two,))
        stranger = refused(services, chief, "k", replacement(one, successor))
        assert stranger.parameters["reason"] == "unknown", "another agency's results are not to be found out"
    if reason == "not-in-force":
        living_results.change_result(services, chief, "w", withdrawal(two))
    refusal = refused(services, caller, "k", replacement(one, successor))
    assert (refusal.kind, refusal.parameters["reason"]) == (RefusalKind.SUCCESSOR_NOT_USABLE, reason)


def test_two_results_cannot_replace_each_other(services: Services, seal: Sealer, chief: Caller) -> None:
    one, two = seal("k1").result_code, seal("k2").result_code
    living_results.change_result(services, chief, "1", replacement(one, two))
    refusal = refused(services, chief, "2", replacement(two, one))
    assert (refusal.kind, refusal.parameters["reason"]) == (RefusalKind.SUCCESSOR_NOT_USABLE, "not-in-force")


def test_a_correction_sets_the_facts_and_keeps_what_was(services: Services, seal: Sealer, chief: Caller) -> None:
    sealed = seal("k1")
    wish = correction(sealed.result_code, number="119/GP-STNMT", valid_until=date(2028, 1, 1))
    found = living_results.change_result(services, chief, "c1", wish)
    assert (found.row.paper_number, found.state.state) == ("119/GP-STNMT", "in-force")
    assert found.changes[0].before == {"paper_number": "118/GP-STNMT", "valid_until": "2027-11-18"}
    living_results.change_result(services, chief, "c2", correction(sealed.result_code, unlimited=True))
    answer = public_by_digest(services, sealed.sha256)
    assert answer.state is ResultState.IN_FORCE
    assert answer.result is not None
    assert (answer.result.number, answer.result.valid_until) == ("119/GP-STNMT", None)
    assert [one.note for one in answer.result.corrections] == ["Số giấy phép đúng là 119/GP-STNMT."] * 2
    assert not answer.result.earlier_version


@pytest.mark.parametrize(
    ("field", "decision"),
    [
        ("authority.decision_date", withdrawal("", authority=replace(AUTHORITY, decision_date=date(2999, 1, 1)))),
        ("authority.decided_by", withdrawal("", authority=replace(AUTHORITY, decided_by="  "))),
        ("authority.decision_number", withdrawal("", authority=replace(AUTHORITY, decision_number="x" * 501))),
        ("note", withdrawal("", reason=Reason.OTHER, note=None)),
        ("note", withdrawal("", note="a\x00b")),
        ("successor", replacement("", "")),
        ("successor", withdrawal("", successor="X-KQ1")),
        ("facts", withdrawal("", facts=Facts(title="khác"))),
        ("public_note", replace(correction(""), public_note=None)),
        ("public_note", replace(correction(""), public_note="x" * 301)),
        ("facts.title", correction("", title=" ")),
        ("facts.valid_until", correction("", valid_until=date(2020, 1, 1))),
    ],
)
def test_a_decision_that_lacks_something_is_refused(
    services: Services, seal: Sealer, chief: Caller, field: str, decision: Decision
) -> None:
    refusal = refused(services, chief, "k", replace(decision, result_code=seal("k1").result_code))
    assert (refusal.kind, refusal.parameters["field"]) == (RefusalKind.INVALID_REQUEST, field)


def test_withdrawn_comes_before_expired(services: Services, seal: Sealer, chief: Caller, clock: MovableClock) -> None:
    sealed = seal("k1")
    clock.ahead = timedelta(days=800)
    assert public_by_code(services, sealed.verification_code).state is ResultState.EXPIRED
    living_results.change_result(services, chief, "w", withdrawal(sealed.result_code))
    assert public_by_code(services, sealed.verification_code).state is ResultState.WITHDRAWN


def test_decisions_at_the_same_moment_are_made_once(services: Services, seal: Sealer, chief: Caller) -> None:
    """Eight at once, each under its own key: one is recorded, the others are told that it is over."""
    code, outcomes = seal("k1").result_code, list[str]()

    def decide(number: int) -> None:
        try:
            living_results.change_result(services, chief, f"w{number}", withdrawal(code))
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.kind.value)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", *["result-not-in-force"] * 7]
    assert len(living_results.get_result(services, chief, code).changes) == 1


@pytest.mark.parametrize("table", ["result_changes", "result_versions"])
@pytest.mark.parametrize("verb", ["delete from {}", "update {} set number = 9"])
def test_the_history_cannot_be_rewritten(
    services: Services, seal: Sealer, chief: Caller, table: str, verb: str
) -> None:
    living_results.change_result(services, chief, "w", withdrawal(seal("k1").result_code))
    with pytest.raises((DatabaseError, DatabaseUnavailable), match="append-only"), services.database.writing() as one:
        one.connection.exec_driver_sql(verb.format(table))


def test_one_key_for_two_results_is_refused_even_where_the_first_look_missed_it(
    services: Services, seal: Sealer, chief: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when both are decided at the same moment on PostgreSQL, where only the rows of each result are locked."""
    one, two = seal("k1").result_code, seal("k2").result_code
    living_results.change_result(services, chief, "w", withdrawal(one))
    monkeypatch.setattr(living_results, "change_under_key", lambda *_: None)
    assert refused(services, chief, "w", withdrawal(two)).kind is RefusalKind.IDEMPOTENCY_KEY_REUSED
