"""The feed of events that the portal follows: sequential, without gaps, in the order in which things were committed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.storage.journal import events_after

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
    """The events with a number above ``after``, oldest first, at most ``limit`` (1 to 500)."""
    limit = min(max(limit, 1), MAX_EVENTS)
    with services.database.reading() as transaction:
        rows = events_after(transaction, max(after, 0), limit + 1)
    events = tuple(Event(row.number, row.type, row.at, row.subject, row.data) for row in rows[:limit])
    return EventPage(events, last=events[-1].number if events else after, more=len(rows) > limit)
