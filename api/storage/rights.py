"""What officers and portal keys may do beyond their agencies: one row a right, by the caller's id."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from api.callers import Right
from api.storage.database import Transaction
from api.storage.living_tables import caller_rights


def rights_of(transaction: Transaction, holder: str) -> frozenset[Right]:
    """The rights of a caller's id; what an older version called a right is none."""
    query = select(caller_rights.c.right).where(caller_rights.c.holder == holder)
    known = {right.value: right for right in Right}
    return frozenset(known[name] for name in transaction.connection.scalars(query) if name in known)


def set_rights(transaction: Transaction, holder: str, rights: frozenset[Right]) -> None:
    """Exactly these rights from now on."""
    transaction.connection.execute(delete(caller_rights).where(caller_rights.c.holder == holder))
    rows = [{"holder": holder, "right": right.value} for right in sorted(rights)]
    if rows:
        transaction.connection.execute(insert(caller_rights), rows)
