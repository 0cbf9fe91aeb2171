"""The feed of events that the portal follows: sequential, without gaps, in the order in which things were committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions.dossier_access import visible_codes, visible_verifications
from api.callers import Caller
from api.codes import CodeError, ResultCode
from api.services import Services
from api.storage.database import Transaction
from api.storage.journal import StoredEvent, events_after

MAX_EVENTS = 500


@dataclass(frozen=True)
class Event:
    """One thing that happened. ``data`` holds identifiers, codes and digests only, no personal data."""

    number: int
    type: str
    at: datetime
    subject: str
    data: dict[str, str | int | None]


@dataclass(frozen=True)
class EventPage:
    """Events after the asked number. ``last`` is the number to ask after next; ``more``: ask again at once."""

    events: tuple[Event, ...]
    last: int
    more: bool


def list_after(services: Services, caller: Caller, after: int = 0, limit: int = 100) -> EventPage:
    """The events with a number above ``after``, oldest first, at most ``limit`` (1 to 500).

    What happened in a dossier that the caller may not see is left out, so for a caller bound to an agency numbers have
    gaps and a page may be shorter than ``limit``, or empty, with ``more`` set.
    """
    limit = min(max(limit, 1), MAX_EVENTS)
    with services.database.reading() as transaction:
        rows = events_after(transaction, max(after, 0), limit + 1)
        shown = _visible(transaction, caller, rows[:limit])
    events = tuple(Event(row.number, row.type, row.at, row.subject, row.data) for row in shown)
    last = rows[:limit][-1].number if rows else after
    return EventPage(events, last=last, more=len(rows) > limit)


def _visible(transaction: Transaction, caller: Caller, rows: list[StoredEvent]) -> list[StoredEvent]:
    """The events of no dossier, of a dossier that the caller sees, and of what belongs to an agency it may seal for."""
    rows = [row for row in rows if not row.subject.startswith(("batch:", "number:")) or _may_seal(caller, row)]
    rows = _of_visible_verifications(transaction, caller, rows)
    of = {row.number: _dossier_of(row) for row in rows}
    seen = visible_codes(transaction, caller, {code for code in of.values() if code is not None})
    return [row for row in rows if of[row.number] is None or of[row.number] in seen or _may_seal(caller, row)]


def _of_visible_verifications(transaction: Transaction, caller: Caller, rows: list[StoredEvent]) -> list[StoredEvent]:
    """Without those of a verification outside any dossier that is not the caller's to see."""
    alone = {row.number: row.subject.partition(":")[2] for row in rows if _is_of_a_verification_alone(row)}
    seen = visible_verifications(transaction, caller, alone.values())
    return [row for row in rows if row.number not in alone or alone[row.number] in seen]


def _is_of_a_verification_alone(row: StoredEvent) -> bool:
    return row.subject.startswith("verification:") and _dossier_of(row) is None


def _may_seal(caller: Caller, row: StoredEvent) -> bool:
    agency = row.data.get("agency")
    return isinstance(agency, str) and caller.may_seal_for(agency)


def _dossier_of(row: StoredEvent) -> str | None:
    """The dossier that an event's data or its subject name."""
    named = row.data.get("dossier")
    if isinstance(named, str):
        return named
    kind, _, code = row.subject.partition(":")
    if kind == "result":
        try:
            return ResultCode.parse(code).dossier
        except CodeError:
            return code  # an unknown code: nobody bound to an agency sees it
    return code if kind == "dossier" else None
