"""Authorisations to sign digests (CSC API): the SAD only as a digest, used once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from api.storage.database import Transaction
from api.storage.key_tables import hash_authorizations


@dataclass(frozen=True)
class AuthorizationRow:
    """One authorisation as stored; ``digests`` in hexadecimal, in the order they are to be signed."""

    id: str
    sad_sha256: str
    caller: str
    agency: str
    digests: list[str]
    algorithm: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def insert_authorization(transaction: Transaction, row: AuthorizationRow) -> None:
    """Record an authorisation."""
    values = {name: getattr(row, name) for name in AuthorizationRow.__dataclass_fields__}
    transaction.connection.execute(insert(hash_authorizations).values(values))


def find_authorization(transaction: Transaction, sad_sha256: str) -> AuthorizationRow | None:
    """The authorisation of a SAD, used or not."""
    query = select(hash_authorizations).where(hash_authorizations.c.sad_sha256 == sad_sha256)
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        return None
    return AuthorizationRow(**{name: row._mapping[name] for name in AuthorizationRow.__dataclass_fields__})


def use_authorization(transaction: Transaction, row: AuthorizationRow, at: datetime) -> bool:
    """Use it up; False where somebody did before."""
    change = update(hash_authorizations).where(
        hash_authorizations.c.id == row.id, hash_authorizations.c.used_at.is_(None)
    )
    return transaction.connection.execute(change.values(used_at=at)).rowcount == 1


def delete_expired_authorizations(transaction: Transaction, before: datetime) -> None:
    """Forget what expired long ago; the record of acts keeps that it was."""
    transaction.connection.execute(delete(hash_authorizations).where(hash_authorizations.c.expires_at < before))
