"""What happened, told twice in the transaction in which it happened: to the portal (events), to the auditor (acts).

Neither holds personal data: identifiers, codes and digests only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Row, insert, select, update

from api.storage.database import Transaction
from api.storage.tables import acts, counters, events

Plain = str | int | None
"""What an event or act may say beside its subject."""

GENESIS = "0" * 64
"""``previous_sha256`` of the first act."""


@dataclass(frozen=True)
class StoredEvent:
    """One event as stored; numbers have no gaps and follow the order of commits."""

    number: int
    type: str
    at: datetime
    subject: str
    data: dict[str, Plain]


@dataclass(frozen=True)
class ActsCheck:
    """Outcome of a walk along the chain of acts. ``first_bad`` is the number of the first act that does not fit."""

    count: int
    head_sha256: str
    first_bad: int | None


def add_event(
    transaction: Transaction, kind: str, at: datetime, subject: str, data: Mapping[str, Plain] | None = None
) -> int:
    """Append to the feed; its number."""
    number = _next_number(transaction, "events")
    row = {"number": number, "type": kind, "at": at, "subject": subject, "data": dict(data or {})}
    transaction.connection.execute(insert(events).values(row))
    return number


def events_after(transaction: Transaction, after: int, limit: int) -> list[StoredEvent]:
    """The events with a higher number, oldest first."""
    query = select(events).where(events.c.number > after).order_by(events.c.number).limit(limit)
    return [
        StoredEvent(row.number, row.type, row.at, row.subject, row.data)
        for row in transaction.connection.execute(query)
    ]


def add_act(
    transaction: Transaction,
    caller: str,
    act: str,
    at: datetime,
    subject: str,
    data: Mapping[str, Plain] | None = None,
) -> None:
    """Append to the record of acts, chained to the act before."""
    number = _next_number(transaction, "acts")
    previous = transaction.connection.scalar(select(acts.c.sha256).where(acts.c.number == number - 1)) or GENESIS
    text = json.dumps(dict(data or {}), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    row = {"number": number, "at": at, "caller": caller, "act": act, "subject": subject, "data": text}
    sha256 = act_hash(number, at, caller, act, subject, text, previous)
    transaction.connection.execute(insert(acts).values(**row, previous_sha256=previous, sha256=sha256))


def act_hash(number: int, at: datetime, caller: str, act: str, subject: str, data: str, previous: str) -> str:
    """SHA-256 over the JSON array of an act's fields and the previous act's hash."""
    fields = [number, at.astimezone(UTC).isoformat(), caller, act, subject, data, previous]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def verify_acts_chain(transaction: Transaction) -> ActsCheck:
    """Walk along all acts: numbers without gaps, each hash right, as many as were ever numbered.

    A rewriting of the whole chain by somebody who holds the database is not seen here; comparing ``head_sha256`` with
    one written down elsewhere shows it.
    """
    previous, count = GENESIS, 0
    for row in _all_acts(transaction):
        count += 1
        expected = act_hash(row.number, row.at, row.caller, row.act, row.subject, row.data, previous)
        if (row.number, row.previous_sha256, row.sha256) != (count, previous, expected):
            return ActsCheck(count, previous, first_bad=count)
        previous = row.sha256
    numbered = transaction.connection.scalar(select(counters.c.value).where(counters.c.name == "acts"))
    return ActsCheck(count, previous, first_bad=None if numbered == count else count + 1)


def _all_acts(transaction: Transaction) -> Iterator[Row[tuple[object, ...]]]:
    query = select(acts).order_by(acts.c.number).execution_options(yield_per=1000)
    yield from transaction.connection.execute(query)


def _next_number(transaction: Transaction, counter: str) -> int:
    """Take the next number; other writers wait for this transaction, so numbers become visible in their order."""
    take = (
        update(counters)
        .where(counters.c.name == counter)
        .values(value=counters.c.value + 1)
        .returning(counters.c.value)
    )
    return int(transaction.connection.execute(take).scalar_one())
