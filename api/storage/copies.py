"""The register of copies: numbers without gaps while nothing is given up, and one entry for each copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.copy_tables import copies, copy_registers
from api.storage.database import Transaction


@dataclass(frozen=True)
class CopyRow:
    """An entry of the register; ``signatory`` is the certifier of a certified copy.

    ``note_check`` and ``note_sha256`` name the transfer note that it was sealed with: its scan check, its digest.
    """

    agency: str
    year: int
    number: int
    result_code: str
    form: str
    source: str
    certified: bool
    signatory: str | None
    converter: str | None
    converted_on: date | None
    original_sha256: str
    entered_at: datetime
    entered_by: str
    note_check: str | None = None
    note_sha256: str | None = None


def next_register_number(transaction: Transaction, agency: str, year: int) -> int:
    """Take the next number of an agency's year; others wait for this transaction."""
    here = (copy_registers.c.agency == agency, copy_registers.c.year == year)
    change = update(copy_registers).where(*here).values(last_number=copy_registers.c.last_number + 1)
    take = change.returning(copy_registers.c.last_number)
    number = transaction.connection.execute(take).scalar_one_or_none()
    if number is None:
        try:
            with transaction.connection.begin_nested():
                transaction.connection.execute(insert(copy_registers).values(agency=agency, year=year, last_number=0))
        except IntegrityError:  # another process made the year's row in the meantime
            pass
        number = transaction.connection.execute(take).scalar_one()
    return int(number)


def give_back_register_number(transaction: Transaction, agency: str, year: int, number: int) -> None:
    """Return a number that came to nothing, where it was the last one given (else a gap stays)."""
    here = (copy_registers.c.agency == agency, copy_registers.c.year == year, copy_registers.c.last_number == number)
    transaction.connection.execute(update(copy_registers).where(*here).values(last_number=number - 1))


def insert_copy(transaction: Transaction, row: CopyRow) -> None:
    """Enter a copy."""
    values = {name: getattr(row, name) for name in CopyRow.__dataclass_fields__}
    transaction.connection.execute(insert(copies).values(values))


def copy_of_result(transaction: Transaction, result_code: str) -> CopyRow | None:
    """The entry of a copy by its result code; None where that result is no copy."""
    row = transaction.connection.execute(select(copies).where(copies.c.result_code == result_code)).one_or_none()
    return None if row is None else CopyRow(**{name: row._mapping[name] for name in CopyRow.__dataclass_fields__})


def register_of(transaction: Transaction, agency: str, year: int, after: int, limit: int) -> list[CopyRow]:
    """A page of the register, in the order of its numbers."""
    query = (
        select(copies)
        .where(copies.c.agency == agency, copies.c.year == year, copies.c.number > after)
        .order_by(copies.c.number)
        .limit(limit)
    )
    rows = transaction.connection.execute(query)
    return [CopyRow(**{name: row._mapping[name] for name in CopyRow.__dataclass_fields__}) for row in rows]
