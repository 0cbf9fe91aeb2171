"""What SQLite's one writer cannot show: the same database code on PostgreSQL, with two at it at the same moment.

Which statement waits for which is arranged, not hoped for: one transaction is held open until the other one waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, text

from api.actions import dossiers, living_results, numbers, seals, transfer_notes
from api.actions.decisions import Authority, Decision, Facts, Reason
from api.actions.numbers import PaperNumber
from api.actions.transfer_notes import Source, Transfer
from api.callers import Caller, Right
from api.key_ledger import KeyLedger
from api.refused import RefusalKind, Refused
from api.sealing import build_sealing
from api.services import Services, build_services
from api.storage import living, scans, upkeep
from api.storage.codec import encode
from api.storage.database import Database, Transaction
from api.storage.journal import add_event, events_after, verify_acts_chain
from api.storage.living import ChangeKind
from api.storage.living_tables import result_upkeep
from api.storage.numbers import RegisterKey, lock_register
from api.storage.records import record_document
from api.storage.stamp_counts import DatabaseLedger
from api.storage.tables import metadata
from api.storage.transfer_notes import NoteRow, find_check, insert_note
from api.validation import Validation
from demo.pki import DemoPki
from tests.chaos.postgresql import own_cluster
from tests.letter_making import CLERK, SERIES, letter_order, this_year
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, seal_order, sealing_settings
from tests.unit.api.actions.conftest import MovableClock
from verifier.scans.report import unreadable

PATIENCE_S = 20.0

T = TypeVar("T")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """An empty database in a cluster of this module's own."""
    with own_cluster() as url:
        yield url


@pytest.fixture(scope="module")
def services(
    address: str, tmp_path_factory: pytest.TempPathFactory, pki: DemoPki, validation: Validation
) -> Iterator[Services]:
    """One installation on it, migrated from nothing."""
    settings = replace(sealing_settings(tmp_path_factory.mktemp("home"), pki), database_url=address)
    with settings.agencies_path.open("a", encoding="utf-8") as file:
        file.write(SERIES)
    clock = MovableClock()
    with build_services(settings, clock, {}) as services:
        ledgers = KeyLedger(services.database, clock), DatabaseLedger(services.database, clock)
        yield replace(services, validation=validation, sealing=build_sealing(settings, validation, {}, *ledgers))


@pytest.fixture
def result(services: Services, portal: Caller, request: pytest.FixtureRequest) -> str:
    """The code of one more sealed result."""
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    return seals.seal(services, portal, request.node.name, seal_order()).result_code


@pytest.fixture
def chief(officer: Caller) -> Caller:
    return replace(officer, rights=frozenset(Right))


def decision(kind: ChangeKind, code: str, reason: Reason, facts: Facts | None = None) -> Decision:
    authority = Authority("Giám đốc Sở Tài nguyên và Môi trường", "512/QĐ-STNMT", date(2026, 11, 20))
    note = None if facts is None else "Tên giấy tờ đúng là tên này."
    return Decision(kind, code, reason, authority, public_note=note, facts=facts or Facts())


def corrected(title: str, code: str) -> Decision:
    return decision(ChangeKind.CORRECTION, code, Reason.MISTAKE_IN_WRITING, Facts(title=title))


def behind(database: Database, held: Callable[[Transaction], object], then: Callable[[], T]) -> T:
    """Do ``then`` in a thread while ``held`` has been done and not committed; commit once ``then`` waits for it."""
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as transaction:
            held(transaction)
            waiting: Future[T] = threads.submit(then)
            end = time.monotonic() + PATIENCE_S
            while not _somebody_waits(database):
                assert time.monotonic() < end and not waiting.done(), "it did not wait"
                time.sleep(0.01)
        return waiting.result(PATIENCE_S)


def _somebody_waits(database: Database) -> bool:
    with database.reading() as transaction:
        return bool(transaction.connection.scalar(text("select count(*) from pg_locks where not granted")))


def test_the_migrated_schema_is_the_metadata(services: Services) -> None:
    with services.database.reading() as transaction:
        context = MigrationContext.configure(transaction.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.usefixtures("responders")
def test_decisions_at_the_same_moment_are_made_once(services: Services, chief: Caller, result: str) -> None:
    withdrawn = decision(ChangeKind.WITHDRAWAL, result, Reason.ISSUED_IN_ERROR)

    def decide(number: int) -> str:
        try:
            living_results.change_result(services, chief, f"w{number}", withdrawn)
        except Refused as refusal:
            return refusal.kind.value
        return "done"

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(decide, range(8))) == ["done", *["result-not-in-force"] * 7]
    assert len(living_results.get_result(services, chief, result).changes) == 1
    with services.database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad is None


@pytest.mark.usefixtures("responders")
def test_a_correction_that_waited_for_another_records_what_that_one_left(
    services: Services, chief: Caller, result: str
) -> None:
    def first(transaction: Transaction) -> None:
        living.states_of(transaction, [result], lock=True)
        living.set_facts(transaction, result, {"title": "Giấy phép A"})

    found = behind(
        services.database,
        first,
        lambda: living_results.change_result(services, chief, "second", corrected("Giấy phép B", result)),
    )
    assert (found.changes[-1].before, found.changes[-1].after) == ({"title": "Giấy phép A"}, {"title": "Giấy phép B"})


def scan_check(services: Services, caller: Caller, name: str) -> str:
    """A kept check of a file that could not be read."""
    report = unreadable("FILE-NOT-READABLE")
    sha256, now = services.documents.put(name.encode()), services.clock()
    with services.database.writing() as transaction:
        record_document(transaction, sha256, len(name), now)
        row = scans.CheckRow(
            id=name,
            caller=caller.id,
            created_at=now,
            dossier=DOSSIER,
            paper=None,
            document_sha256=sha256,
            filename="quet.pdf",
            kind=report.kind.value,
            conforms=report.conforms,
            report=encode(report),
        )
        scans.insert_check(transaction, row)
    return name


def test_of_two_first_notes_on_one_scan_the_second_is_the_first(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    check = scan_check(services, portal, "check-1")
    said = Transfer("Trần Thị Bích", services.clock() - timedelta(hours=1), "Máy quét Ví Dụ 300", Source.ORIGINAL)
    first = NoteRow(
        id="note-1",
        scan_check=check,
        dossier=DOSSIER,
        paper=None,
        caller=portal.id,
        created_at=services.clock(),
        scanned_by=said.scanned_by,
        scanned_at=said.scanned_at,
        device=said.device,
        source=said.source.value,
        record_sha256="ab" * 32,
    )

    def note(transaction: Transaction) -> None:
        find_check(transaction, check, lock=True)
        insert_note(transaction, first)

    found = behind(services.database, note, lambda: transfer_notes.make_note(services, portal, check, said))
    assert found.id == first.id
    with pytest.raises(Refused) as raised:
        transfer_notes.make_note(services, portal, check, replace(said, device="máy khác"))
    assert raised.value.kind is RefusalKind.NOTE_EXISTS


def test_a_reader_sees_one_state_while_others_write(services: Services) -> None:
    with services.database.reading() as reader:
        before = events_after(reader, 0, 1000)
        with services.database.writing() as writer:
            add_event(writer, "test", datetime.now(UTC), "meanwhile")
        assert events_after(reader, 0, 1000) == before
    with services.database.reading() as reader:
        assert events_after(reader, 0, 1000)[-1].subject == "meanwhile"


def test_months_are_counted_in_utc_wherever_the_server_stands(services: Services) -> None:
    ends = {"2027-01": datetime(2027, 1, 31, 23, 30, tzinfo=UTC), "2027-02": datetime(2027, 2, 1, 0, 30, tzinfo=UTC)}
    with services.database.writing() as transaction:
        ask = transaction.connection.execute
        ask(text("set local session_replication_role = replica"))  # rows without the results they belong to
        for number, at in enumerate([*ends.values(), ends["2027-02"]]):
            row = {"result_code": f"M-{number}", "agency": "months", "wished_level": "B-LTA", "level": "B-LTA"}
            ask(insert(result_upkeep).values(**row, expires_at=at, attempts=0))
    for zone in ("UTC", "Asia/Ho_Chi_Minh", "America/New_York"):
        with services.database.reading() as transaction:
            transaction.connection.execute(text(f"set local time zone '{zone}'"))
            found = upkeep.count_by_month(transaction, ["months"], 10)
        assert [(one.month, one.count) for one in found] == [("2027-01", 1), ("2027-02", 2)], zone


@pytest.mark.usefixtures("responders")
def test_letters_at_the_same_moment_get_each_their_own_number(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    orders = [letter_order(f"{number}.000") for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda n: seals.seal(services, portal, f"letter-{n}", orders[n]), range(4)))
    assert sorted(seal.number for seal in made) == [f"{number:02d}/GP-STNMT" for number in range(1, 5)]


def test_who_takes_a_number_waits_for_whoever_is_at_the_register(services: Services) -> None:
    key = RegisterKey(AGENCY, "chung", this_year())
    paper = PaperNumber(AGENCY, "chung", 413, "QĐ-STNMT", services.clock().date(), "Trên giấy")

    def record(title: str) -> str:
        try:
            return numbers.record_paper_number(services, CLERK, replace(paper, title=title)).title
        except Refused as refusal:
            return refusal.kind.value

    first = behind(services.database, lambda transaction: lock_register(transaction, key), lambda: record("một"))
    assert first == "một"
    with ThreadPoolExecutor(8) as threads:
        told = list(threads.map(record, ("hai", "ba", "bốn", "năm")))
    assert told == ["number-taken"] * 4
