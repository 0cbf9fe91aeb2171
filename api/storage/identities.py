"""Portal keys, officers, their sessions and failed sign-ins: rows in, plain values out. Secrets only as digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.database import Transaction
from api.storage.tables import api_keys, officers, sessions, sign_in_failures


@dataclass(frozen=True)
class ApiKeyRow:
    """A portal key as stored."""

    id: str
    name: str
    secret_sha256: str
    agencies: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class OfficerRow:
    """An officer's account as stored."""

    id: str
    sign_in_name: str
    name: str
    password_argon2: str
    agencies: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class SessionRow:
    """A session as stored."""

    token_sha256: str
    officer: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class NameTaken(Exception):  # noqa: N818 - the answer to a question, not a fault
    """An officer of that sign-in name exists."""


def insert_api_key(transaction: Transaction, row: ApiKeyRow) -> None:
    """Store a new key."""
    transaction.connection.execute(insert(api_keys).values(_columns(row)))


def find_api_key(transaction: Transaction, key_id: str) -> ApiKeyRow | None:
    """The key of an id, revoked or not."""
    row = transaction.connection.execute(select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    return None if row is None else _api_key(row)


def all_api_keys(transaction: Transaction) -> list[ApiKeyRow]:
    """Every key, oldest first."""
    query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
    return [_api_key(row) for row in transaction.connection.execute(query)]


def set_api_key_revoked(transaction: Transaction, key_id: str, at: datetime) -> bool:
    """Revoke a key; False where there was nothing to revoke."""
    change = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)).values(revoked_at=at)
    return transaction.connection.execute(change).rowcount == 1


def insert_officer(transaction: Transaction, row: OfficerRow) -> None:
    """Store a new account.

    Raises:
        NameTaken: the sign-in name is in use; the transaction is to be given up.
    """
    try:
        transaction.connection.execute(insert(officers).values(_columns(row)))
    except IntegrityError as error:
        raise NameTaken(row.sign_in_name) from error


def find_officer(transaction: Transaction, sign_in_name: str) -> OfficerRow | None:
    """The account of a sign-in name, disabled or not."""
    return _one_officer(transaction, officers.c.sign_in_name == sign_in_name)


def officer_by_id(transaction: Transaction, officer_id: str) -> OfficerRow | None:
    """The account of an id, disabled or not."""
    return _one_officer(transaction, officers.c.id == officer_id)


def all_officers(transaction: Transaction) -> list[OfficerRow]:
    """Every account, by sign-in name."""
    query = select(officers).order_by(officers.c.sign_in_name)
    return [_officer(row) for row in transaction.connection.execute(query)]


def set_password(transaction: Transaction, officer_id: str, password_argon2: str) -> None:
    """Replace the digest of a password."""
    change = update(officers).where(officers.c.id == officer_id).values(password_argon2=password_argon2)
    transaction.connection.execute(change)


def set_officer_disabled(transaction: Transaction, officer_id: str, at: datetime) -> None:
    """Close an account."""
    transaction.connection.execute(update(officers).where(officers.c.id == officer_id).values(disabled_at=at))


def insert_session(transaction: Transaction, row: SessionRow) -> None:
    """Store a new session."""
    transaction.connection.execute(insert(sessions).values(_columns(row)))


def find_session(transaction: Transaction, token_sha256: str) -> SessionRow | None:
    """The session of a token's digest, ended or not."""
    query = select(sessions).where(sessions.c.token_sha256 == token_sha256)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else SessionRow(**row._mapping)


def touch_session(transaction: Transaction, token_sha256: str, at: datetime) -> None:
    """Note that a session is in use."""
    change = update(sessions).where(sessions.c.token_sha256 == token_sha256).values(last_seen_at=at)
    transaction.connection.execute(change)


def delete_session(transaction: Transaction, token_sha256: str) -> str | None:
    """End a session; the officer whose it was."""
    gone = delete(sessions).where(sessions.c.token_sha256 == token_sha256).returning(sessions.c.officer)
    return transaction.connection.execute(gone).scalar_one_or_none()


def delete_sessions_of(transaction: Transaction, officer_id: str) -> None:
    """End every session of an officer."""
    transaction.connection.execute(delete(sessions).where(sessions.c.officer == officer_id))


def delete_expired_sessions(transaction: Transaction, now: datetime) -> None:
    """Forget the sessions that ended by themselves."""
    transaction.connection.execute(delete(sessions).where(sessions.c.expires_at <= now))


def insert_failures(transaction: Transaction, subjects: Sequence[str], at: datetime) -> None:
    """Note a failed sign-in for each of these subjects."""
    transaction.connection.execute(insert(sign_in_failures), [{"subject": subject, "at": at} for subject in subjects])


def failures_since(transaction: Transaction, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """How many sign-ins of a subject failed since then, and when the first of them did."""
    query = select(func.count(), func.min(sign_in_failures.c.at)).where(
        sign_in_failures.c.subject == subject, sign_in_failures.c.at > since
    )
    count, first = transaction.connection.execute(query).one()
    return int(count), first


def forget_attempt(transaction: Transaction, subjects: Sequence[str], at: datetime) -> None:
    """Take back what ``insert_failures`` noted: the sign-in succeeded."""
    gone = delete(sign_in_failures).where(sign_in_failures.c.subject.in_(subjects), sign_in_failures.c.at == at)
    transaction.connection.execute(gone)


def forget_failures(transaction: Transaction, subject: str | None, before: datetime) -> None:
    """Forget failures older than ``before``, and all up to now of ``subject`` where one is named."""
    old = sign_in_failures.c.at <= before
    condition = old if subject is None else old | (sign_in_failures.c.subject == subject)
    transaction.connection.execute(delete(sign_in_failures).where(condition))


def _columns(row: ApiKeyRow | OfficerRow | SessionRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    if "agencies" in values:
        values["agencies"] = sorted(values["agencies"])
    return values


def _api_key(row: Row[Any]) -> ApiKeyRow:
    return ApiKeyRow(row.id, row.name, row.secret_sha256, frozenset(row.agencies), row.created_at, row.revoked_at)


def _one_officer(transaction: Transaction, condition: Any) -> OfficerRow | None:
    row = transaction.connection.execute(select(officers).where(condition)).one_or_none()
    return None if row is None else _officer(row)


def _officer(row: Row[Any]) -> OfficerRow:
    return OfficerRow(
        id=row.id,
        sign_in_name=row.sign_in_name,
        name=row.name,
        password_argon2=row.password_argon2,
        agencies=frozenset(row.agencies),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
