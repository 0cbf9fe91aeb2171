"""Which sealed results are attachments of which main document."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select

from api.storage.copy_tables import attachments
from api.storage.database import Transaction


def insert_attachment(transaction: Transaction, result_code: str, main: str, at: datetime) -> None:
    """Record a sealed result as an attachment of another one."""
    values = {"result_code": result_code, "main": main, "entered_at": at}
    transaction.connection.execute(insert(attachments).values(values))


def main_of(transaction: Transaction, result_code: str) -> str | None:
    """The result code of an attachment's main document; None where the result is no attachment."""
    query = select(attachments.c.main).where(attachments.c.result_code == result_code)
    found = transaction.connection.execute(query).scalar_one_or_none()
    return None if found is None else str(found)
