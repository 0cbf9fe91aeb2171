"""Registers of the numbers of outgoing letters: each number once, whoever asks at the same moment.

Who takes a number first locks its register (agency, series, year) until the transaction is over; the primary key of the
numbers is the guard behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.dossiers.numbering import NumberOrigin, NumberState
from api.storage.database import Transaction
from api.storage.number_tables import document_numbers, number_registers


@dataclass(frozen=True)
class RegisterKey:
    """One register: a series of an agency in one year."""

    agency: str
    series: str
    year: int


@dataclass(frozen=True)
class NumberRow:
    """A number as stored: ``intent`` is the sealing for a ``dossier`` that it was given for, ``result_code`` what came.

    ``title``, ``recipient`` and ``signatory`` are what the register says of the letter; ``dated_on`` is its date.
    """

    agency: str
    series: str
    year: int
    number: int
    state: NumberState
    origin: NumberOrigin
    sign: str
    dated_on: date | None
    title: str
    recipient: str
    signatory: str
    given_at: datetime
    given_by: str
    dossier: str | None = None
    intent: str | None = None
    result_code: str | None = None
    voided_at: datetime | None = None
    voided_by: str | None = None
    void_reason: str | None = None

    @property
    def register(self) -> RegisterKey:
        """The register that it stands in."""
        return RegisterKey(self.agency, self.series, self.year)


def lock_register(transaction: Transaction, key: RegisterKey) -> int:
    """The highest number recorded in a register, 0 in a new one; others wait for this transaction."""
    here = _register(key)
    touch = (
        update(number_registers)
        .where(*here)
        .values(last_number=number_registers.c.last_number)
        .returning(number_registers.c.last_number)
    )
    last = transaction.connection.execute(touch).scalar_one_or_none()
    if last is None:
        new = {"agency": key.agency, "series": key.series, "year": key.year, "last_number": 0}
        try:
            with transaction.connection.begin_nested():
                transaction.connection.execute(insert(number_registers).values(new))
        except IntegrityError:  # another process opened the year in the meantime
            pass
        last = transaction.connection.execute(touch).scalar_one()
    return int(last)


def last_number(transaction: Transaction, key: RegisterKey) -> int:
    """The same, for reading."""
    return transaction.connection.scalar(select(number_registers.c.last_number).where(*_register(key))) or 0


def insert_number(transaction: Transaction, row: NumberRow) -> None:
    """Record a number; the register has been locked, and the number looked for, in this transaction.

    Raises:
        IntegrityError: it is recorded already (nobody who locked the register gets here).
    """
    transaction.connection.execute(insert(document_numbers).values(_values(row)))
    raise_last = update(number_registers).where(*_register(row.register), number_registers.c.last_number < row.number)
    transaction.connection.execute(raise_last.values(last_number=row.number))


def find_number(transaction: Transaction, key: RegisterKey, number: int) -> NumberRow | None:
    """The record of a number; None where nobody recorded it."""
    return _one(transaction, *_numbers(key), document_numbers.c.number == number)


def number_of_intent(transaction: Transaction, intent: str) -> NumberRow | None:
    """The number that a sealing was given and that was not voided."""
    return _one(
        transaction,
        document_numbers.c.intent == intent,
        document_numbers.c.state.in_((NumberState.GIVEN.value, NumberState.ISSUED.value)),
    )


def change_number(transaction: Transaction, seen: NumberRow, row: NumberRow) -> bool:
    """Change a number as it was last seen; False where somebody else changed it since."""
    change = update(document_numbers).where(
        *_numbers(seen.register),
        document_numbers.c.number == seen.number,
        document_numbers.c.state == seen.state.value,
    )
    return transaction.connection.execute(change.values(_values(row))).rowcount == 1


def numbers_of(transaction: Transaction, key: RegisterKey, after: int, limit: int) -> list[NumberRow]:
    """A page of a register, in the order of its numbers."""
    query = select(document_numbers).where(*_numbers(key), document_numbers.c.number > after)
    rows = transaction.connection.execute(query.order_by(document_numbers.c.number).limit(limit))
    return [_row(row) for row in rows]


def recorded_numbers(transaction: Transaction, key: RegisterKey) -> list[int]:
    """Every number that a register holds."""
    query = select(document_numbers.c.number).where(*_numbers(key)).order_by(document_numbers.c.number)
    return list(transaction.connection.scalars(query))


def years_of(transaction: Transaction, agency: str) -> Mapping[str, tuple[int, ...]]:
    """The years in which an agency's series have numbers, newest first, by series."""
    query = select(number_registers.c.series, number_registers.c.year).where(number_registers.c.agency == agency)
    found: dict[str, tuple[int, ...]] = {}
    for series, year in transaction.connection.execute(query.order_by(number_registers.c.year.desc())):
        found[series] = (*found.get(series, ()), year)
    return found


def _values(row: NumberRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in NumberRow.__dataclass_fields__}
    return values | {"state": row.state.value, "origin": row.origin.value}


def _register(key: RegisterKey) -> tuple[ColumnElement[bool], ...]:
    columns = number_registers.c
    return columns.agency == key.agency, columns.series == key.series, columns.year == key.year


def _numbers(key: RegisterKey) -> tuple[ColumnElement[bool], ...]:
    columns = document_numbers.c
    return columns.agency == key.agency, columns.series == key.series, columns.year == key.year


def _one(transaction: Transaction, *conditions: ColumnElement[bool]) -> NumberRow | None:
    row = transaction.connection.execute(select(document_numbers).where(*conditions)).one_or_none()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> NumberRow:
    values = {name: row._mapping[name] for name in NumberRow.__dataclass_fields__}
    return NumberRow(**(values | {"state": NumberState(row.state), "origin": NumberOrigin(row.origin)}))
