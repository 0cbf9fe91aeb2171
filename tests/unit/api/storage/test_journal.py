"""Events without gaps in the order of commits; acts that cannot be changed without being noticed."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError

from api.storage.database import Database
from api.storage.journal import add_act, add_event, events_after, verify_acts_chain
from api.storage.tables import acts, counters, events

AT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


def _record(database: Database, count: int) -> None:
    for index in range(count):
        with database.writing() as transaction:
            add_event(transaction, "test.happened", AT, f"thing:{index}", {"index": index})
            add_act(transaction, "portal:1", "test.did", AT, f"thing:{index}", {"index": index})


def test_events_are_read_after_a_number(database: Database) -> None:
    _record(database, 5)
    with database.reading() as transaction:
        assert [event.number for event in events_after(transaction, 0, 10)] == [1, 2, 3, 4, 5]
        (event,) = events_after(transaction, 2, 1)
    assert (event.number, event.type, event.at, event.subject, event.data) == (
        3,
        "test.happened",
        AT,
        "thing:2",
        {"index": 2},
    )


def test_a_transaction_that_is_given_up_leaves_no_gap(database: Database) -> None:
    _record(database, 1)
    with pytest.raises(RuntimeError, match="given up"), database.writing() as transaction:
        add_event(transaction, "test.happened", AT, "thing:x")
        add_act(transaction, "portal:1", "test.did", AT, "thing:x")
        raise RuntimeError("given up")
    _record(database, 1)
    with database.reading() as transaction:
        assert [event.number for event in events_after(transaction, 0, 10)] == [1, 2]
        assert verify_acts_chain(transaction).first_bad is None


def test_writers_at_the_same_time_number_without_gaps_and_readers_see_no_hole(database: Database) -> None:
    holes: list[list[int]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with database.reading() as transaction:
                numbers = [event.number for event in events_after(transaction, 0, 1000)]
            if numbers != list(range(1, len(numbers) + 1)):
                holes.append(numbers)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=_record, args=(database, 20)) for _ in range(4)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert holes == []
    with database.reading() as transaction:
        assert len(events_after(transaction, 0, 1000)) == 80
        check = verify_acts_chain(transaction)
    assert (check.count, check.first_bad) == (80, None)


@pytest.mark.parametrize(
    "change", [update(acts).values(subject="other"), delete(acts), update(events).values(type="x"), delete(events)]
)
def test_the_database_refuses_to_change_what_was_recorded(database: Database, change: object) -> None:
    _record(database, 2)
    with pytest.raises(DatabaseError, match="append-only"), database.writing() as transaction:
        transaction.connection.execute(change)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        (update(acts).where(acts.c.number == 2).values(subject="thing:other"), 2),
        (update(acts).where(acts.c.number == 3).values(caller="portal:2"), 3),
        (update(acts).where(acts.c.number == 1).values(data='{"index":7}'), 1),
        (update(acts).where(acts.c.number == 2).values(sha256="0" * 64), 2),
        (delete(acts).where(acts.c.number == 2), 2),
        (delete(acts).where(acts.c.number == 4), 4),
        (delete(acts).where(acts.c.number == 1), 1),
    ],
)
def test_who_gets_around_the_triggers_breaks_the_chain(database: Database, tampering: object, first_bad: int) -> None:
    _record(database, 4)
    with database.writing() as transaction:
        transaction.connection.execute(text("DROP TRIGGER acts_no_update"))
        transaction.connection.execute(text("DROP TRIGGER acts_no_delete"))
        transaction.connection.execute(tampering)  # type: ignore[call-overload]
    with database.reading() as transaction:
        assert verify_acts_chain(transaction).first_bad == first_bad


def test_an_act_cannot_be_cut_off_by_winding_the_counter_back_unnoticed_by_its_head(database: Database) -> None:
    _record(database, 3)
    with database.reading() as transaction:
        written_down = verify_acts_chain(transaction).head_sha256
    with database.writing() as transaction:
        transaction.connection.execute(text("DROP TRIGGER acts_no_delete"))
        transaction.connection.execute(delete(acts).where(acts.c.number == 3))
        transaction.connection.execute(update(counters).where(counters.c.name == "acts").values(value=2))
    with database.reading() as transaction:
        assert verify_acts_chain(transaction).head_sha256 != written_down
