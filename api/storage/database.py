"""The database: one engine, short transactions, SQLite made durable and serial, a reader on PostgreSQL one state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, OperationalError

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another on SQLite; transactions here take milliseconds, signing is never inside one."""

_WRITES = "antin_writes"


class DatabaseUnavailable(Exception):  # noqa: N818 - a state, named as the surface answers it
    """The database cannot be reached or stayed locked; asking again later makes sense."""


class ValueNotStorable(Exception):  # noqa: N818 - what was asked for, not a fault of ours
    """A value that the database takes in no column of that kind: a NUL in a text (PostgreSQL), a number too large."""


@dataclass(frozen=True)
class Transaction:
    """One open transaction; the storage functions take it as their first argument."""

    connection: Connection


class Database:
    """Transactions on one database; thread-safe. Not to be used across a fork: build it in the new process."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that changes things; committed at the end of the block, rolled back on any exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so two writers queue instead of failing halfway.

        Raises:
            DatabaseUnavailable: it could not begin or commit.
        """
        with self._begin(writes=True) as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the database and changes nothing.

        Raises:
            DatabaseUnavailable: it could not begin.
        """
        with self._begin(writes=False) as transaction:
            yield transaction

    def answers(self) -> bool:
        """Can it be asked anything (readiness)?"""
        try:
            with self.reading() as transaction:
                transaction.connection.execute(select(text("1")))
        except DatabaseUnavailable:
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _begin(self, *, writes: bool) -> Iterator[Transaction]:
        options: dict[str, Any] = {_WRITES: writes}
        if not writes and self.engine.dialect.name == "postgresql":  # else each statement would see a state of its own
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield Transaction(connection)
        except OperationalError as error:
            raise DatabaseUnavailable(str(error.orig)) from error
        except DataError as error:
            raise ValueNotStorable(type(error.orig).__name__) from None  # its message quotes the value


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(parsed)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Durable at commit, readers beside a writer, foreign keys; transactions are begun by ``_begin_sqlite``."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
