"""How often each time stamp authority was asked, over all processes of the installation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.database import Database, Transaction
from api.storage.living_tables import time_stamp_counts


class Counted(Protocol):
    """What the ledger needs to know of an authority (``signer.authorities.StampAuthority``)."""

    @property
    def url(self) -> str:
        """Where it is asked; the key of its counts."""

    def quotas(self, at: datetime, *, background: bool) -> dict[str, int]:
        """How often it may have been asked in each present period, by the period's name."""
        ...


class _UsedUp(Exception):  # noqa: N818 - it only rolls the transaction back
    """A quota is used up: nothing of this question may be counted."""


class DatabaseLedger:
    """Counts in the database, each question in a transaction of its own. Thread-safe."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def take(self, authority: Counted, *, background: bool) -> bool:
        """Count one more question, if the quotas of hour and day allow it.

        Raises:
            DatabaseUnavailable: nothing can be counted, so nothing is asked.
        """
        quotas = authority.quotas(self._clock(), background=background)
        if not quotas:
            return True
        try:
            with self._database.writing() as transaction:
                for period, limit in quotas.items():
                    _count(transaction, authority.url, period, limit)
        except _UsedUp:
            return False
        return True

    def counts(self, authority: Counted) -> Mapping[str, int]:
        """How often it was asked in the present hour and day, by the names of its quotas' periods."""
        periods = authority.quotas(self._clock(), background=False)
        query = select(time_stamp_counts.c.period, time_stamp_counts.c.count).where(
            time_stamp_counts.c.address == authority.url, time_stamp_counts.c.period.in_(list(periods))
        )
        with self._database.reading() as transaction:
            found = {period: int(count) for period, count in transaction.connection.execute(query)}
        return {period: found.get(period, 0) for period in periods}


def _count(transaction: Transaction, address: str, period: str, limit: int) -> None:
    """One more in a period; two processes that begin a period at once are told apart by the primary key."""
    if limit < 1:
        raise _UsedUp
    here = (time_stamp_counts.c.address == address) & (time_stamp_counts.c.period == period)
    connection = transaction.connection
    more = update(time_stamp_counts).where(here, time_stamp_counts.c.count < limit)
    for _ in range(2):
        if connection.execute(more.values(count=time_stamp_counts.c.count + 1)).rowcount:
            return
        if connection.scalar(select(time_stamp_counts.c.count).where(here)) is not None:
            raise _UsedUp
        same_kind = (time_stamp_counts.c.address == address) & (time_stamp_counts.c.period < period[:10])
        connection.execute(delete(time_stamp_counts).where(same_kind))
        try:
            with connection.begin_nested():
                connection.execute(insert(time_stamp_counts).values(address=address, period=period, count=1))
        except IntegrityError:
            continue
        return
    raise _UsedUp
