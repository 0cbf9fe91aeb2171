"""Portal keys and officers: who may come in. Secrets are shown once and kept only as digests."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.callers import ALL_AGENCIES, OPERATOR, Caller, CallerKind
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import identities as stored
from api.storage.database import Transaction
from api.storage.journal import add_act
from api.storage.rights import rights_of

MIN_PASSWORD_CHARACTERS = 12
MAX_PASSWORD_CHARACTERS = 1024
"""A longer one would cost time and prove nothing."""

SESSION_LIFETIME = timedelta(hours=12)
"""A working day with its overtime."""
SESSION_IDLE = timedelta(hours=1)
_SEEN_EVERY = timedelta(minutes=1)

FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 30
"""A whole office can share one address."""

_API_KEY = re.compile(r"antin_(?P<id>[0-9a-f]{12})_(?P<secret>[A-Za-z0-9_-]{43})")
_SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,119}")


@dataclass(frozen=True)
class NewApiKey:
    """A portal key at the only moment its text is known: ``antin_<id>_<secret>``."""

    id: str
    name: str
    text: str


@dataclass(frozen=True)
class ApiKey:
    """A portal key as listed; no secret."""

    id: str
    name: str
    agencies: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Officer:
    """An officer's account; no password."""

    id: str
    sign_in_name: str
    name: str
    agencies: frozenset[str]
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class Session:
    """A signed-in officer. ``token`` goes into the cookie and is kept only as a digest."""

    token: str
    caller: Caller
    expires_at: datetime


def create_api_key(
    services: Services, caller: Caller, name: str, agencies: Collection[str] = (ALL_AGENCIES,)
) -> NewApiKey:
    """Make a portal key.

    Raises:
        Refused: INVALID_REQUEST (``name`` is empty).
    """
    if not name.strip():
        raise Refused(RefusalKind.INVALID_REQUEST, field="name", reason="empty")
    key_id, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), services.clock()
    row = stored.ApiKeyRow(key_id, name.strip(), _digest(secret), frozenset(agencies), now, None)
    with services.database.writing() as transaction:
        stored.insert_api_key(transaction, row)
        add_act(transaction, caller.id, "api-key.created", now, f"api-key:{key_id}")
    return NewApiKey(key_id, row.name, f"antin_{key_id}_{secret}")


def revoke_api_key(services: Services, caller: Caller, key_id: str) -> bool:
    """Make a portal key useless from now on; False where there is no such key or it was revoked before."""
    now = services.clock()
    with services.database.writing() as transaction:
        revoked = stored.set_api_key_revoked(transaction, key_id, now)
        if revoked:
            add_act(transaction, caller.id, "api-key.revoked", now, f"api-key:{key_id}")
    return revoked


def list_api_keys(services: Services, caller: Caller) -> list[ApiKey]:
    """Every portal key, revoked ones too."""
    with services.database.reading() as transaction:
        rows = stored.all_api_keys(transaction)
    return [ApiKey(row.id, row.name, row.agencies, row.created_at, row.revoked_at) for row in rows]


def authenticate_api_key(services: Services, text: str) -> Caller | None:
    """The caller that a presented key stands for; None where it is unknown, revoked or malformed.

    A key has 256 random bits, so a plain SHA-256 keeps it: there is nothing to guess.
    """
    match = _API_KEY.fullmatch(text)
    if match is None:
        return None
    with services.database.reading() as transaction:
        row = stored.find_api_key(transaction, match["id"])
        rights = rights_of(transaction, f"portal:{match['id']}")
    digest = _digest(match["secret"])
    if row is None or row.revoked_at is not None or not hmac.compare_digest(digest, row.secret_sha256):
        return None
    return Caller(CallerKind.PORTAL, f"portal:{row.id}", row.name, row.agencies, rights)


def present_caller(transaction: Transaction, caller_id: str) -> Caller | None:
    """The caller of an id with the rights that it has now; None where it was revoked, disabled or never was.

    For work that is done after the request: whoever may no longer come in has nothing done for it any more.
    """
    kind, _, rest = caller_id.partition(":")
    if caller_id == OPERATOR.id:
        return OPERATOR
    if kind == CallerKind.PORTAL:
        key = stored.find_api_key(transaction, rest)
        if key is not None and key.revoked_at is None:
            return Caller(CallerKind.PORTAL, caller_id, key.name, key.agencies)
    if kind == CallerKind.OFFICER:
        officer = stored.officer_by_id(transaction, rest)
        if officer is not None and officer.disabled_at is None:
            return Caller(CallerKind.OFFICER, caller_id, officer.name, officer.agencies)
    return None


def create_officer(
    services: Services,
    caller: Caller,
    sign_in_name: str,
    name: str,
    password: str,
    agencies: Collection[str] = (ALL_AGENCIES,),
) -> Officer:
    """Make an officer's account; sign-in names are lower case.

    Raises:
        Refused: INVALID_REQUEST (field ``password``: under 12 characters; ``sign_in_name``: malformed or taken).
    """
    sign_in_name = sign_in_name.strip().lower()
    if not _SIGN_IN_NAME.fullmatch(sign_in_name):
        raise Refused(RefusalKind.INVALID_REQUEST, field="sign_in_name", reason="malformed")
    now, officer_id = services.clock(), str(uuid.uuid4())
    digest = _hash_password(password)
    row = stored.OfficerRow(officer_id, sign_in_name, name.strip(), digest, frozenset(agencies), now, None)
    try:
        with services.database.writing() as transaction:
            stored.insert_officer(transaction, row)
            add_act(transaction, caller.id, "officer.created", now, f"officer:{officer_id}")
    except stored.NameTaken:
        raise Refused(RefusalKind.INVALID_REQUEST, field="sign_in_name", reason="taken") from None
    return _officer(row)


def set_officer_password(services: Services, caller: Caller, sign_in_name: str, password: str) -> None:
    """Set a new password and end the officer's sessions.

    Raises:
        Refused: INVALID_REQUEST (unknown ``sign_in_name``, weak ``password``).
    """
    digest, now = _hash_password(password), services.clock()
    with services.database.writing() as transaction:
        row = _known_officer(transaction, sign_in_name)
        stored.set_password(transaction, row.id, digest)
        stored.delete_sessions_of(transaction, row.id)
        add_act(transaction, caller.id, "officer.password-set", now, f"officer:{row.id}")


def disable_officer(services: Services, caller: Caller, sign_in_name: str) -> None:
    """Close an account and end its sessions.

    Raises:
        Refused: INVALID_REQUEST (unknown ``sign_in_name``).
    """
    now = services.clock()
    with services.database.writing() as transaction:
        row = _known_officer(transaction, sign_in_name)
        stored.set_officer_disabled(transaction, row.id, now)
        stored.delete_sessions_of(transaction, row.id)
        add_act(transaction, caller.id, "officer.disabled", now, f"officer:{row.id}")


def list_officers(services: Services, caller: Caller) -> list[Officer]:
    """Every officer's account."""
    with services.database.reading() as transaction:
        return [_officer(row) for row in stored.all_officers(transaction)]


def sign_in(services: Services, sign_in_name: str, password: str, address: str) -> Session | None:
    """Check a password and open a session; None where name and password do not fit.

    1 count the attempt as failed, refuse one too many · 2 check the password, as slowly for a name that nobody has ·
    3 open the session and take the count back. Counting first leaves no gap for attempts made at the same time.

    Args:
        services: the object graph.
        sign_in_name: as typed.
        password: as typed.
        address: network address of the visitor, for throttling only.

    Raises:
        Refused: SIGN_IN_THROTTLED (``retry_after_s``) after too many failures for this name or address.
    """
    now, name = services.clock(), sign_in_name.strip().lower()
    subjects = {_subject(services, "name", name): FAILURES_PER_NAME}
    subjects[_subject(services, "address", address)] = FAILURES_PER_ADDRESS
    row = _count_attempt(services, name, subjects, now)  # 1
    fits = _password_fits(password, None if row is None else row.password_argon2)  # 2
    if row is None or not fits or row.disabled_at is not None:
        if row is not None:
            with services.database.writing() as transaction:
                add_act(transaction, f"officer:{row.id}", "officer.sign-in-failed", now, f"officer:{row.id}")
        return None
    token = secrets.token_urlsafe(32)  # 3
    session = stored.SessionRow(_digest(token), row.id, now, now, now + SESSION_LIFETIME)
    with services.database.writing() as transaction:
        caller = _officer_caller(transaction, row)
        stored.forget_attempt(transaction, list(subjects), now)
        stored.forget_failures(transaction, _subject(services, "name", name), now - FAILURE_WINDOW)
        stored.delete_expired_sessions(transaction, now)
        stored.insert_session(transaction, session)
        add_act(transaction, caller.id, "officer.signed-in", now, caller.id)
    return Session(token, caller, session.expires_at)


def resume_session(services: Services, token: str) -> Caller | None:
    """The officer a cookie's token stands for; None where the session ended (12 hours, or 1 hour unused)."""
    now = services.clock()
    with services.database.reading() as transaction:
        session = stored.find_session(transaction, _digest(token))
        row = None if session is None else stored.officer_by_id(transaction, session.officer)
        caller = None if row is None else _officer_caller(transaction, row)
    if session is None or row is None or row.disabled_at is not None:
        return None
    if now >= session.expires_at or now - session.last_seen_at > SESSION_IDLE:
        return None
    if now - session.last_seen_at > _SEEN_EVERY:
        with services.database.writing() as transaction:
            stored.touch_session(transaction, session.token_sha256, now)
    return caller


def sign_out(services: Services, token: str) -> None:
    """End a session."""
    with services.database.writing() as transaction:
        officer = stored.delete_session(transaction, _digest(token))
        if officer is not None:
            add_act(transaction, f"officer:{officer}", "officer.signed-out", services.clock(), f"officer:{officer}")


def _count_attempt(services: Services, name: str, limits: dict[str, int], now: datetime) -> stored.OfficerRow | None:
    with services.database.writing() as transaction:
        stored.forget_failures(transaction, None, now - FAILURE_WINDOW)
        for subject, limit in limits.items():
            count, first = stored.failures_since(transaction, subject, now - FAILURE_WINDOW)
            if count >= limit and first is not None:
                wait_s = int((first + FAILURE_WINDOW - now).total_seconds()) + 1
                raise Refused(RefusalKind.SIGN_IN_THROTTLED, retry_after_s=wait_s, retry_after=str(wait_s))
        stored.insert_failures(transaction, list(limits), now)
        return stored.find_officer(transaction, name)


def _known_officer(transaction: Transaction, sign_in_name: str) -> stored.OfficerRow:
    row = stored.find_officer(transaction, sign_in_name.strip().lower())
    if row is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="sign_in_name", reason="unknown")
    return row


def _officer(row: stored.OfficerRow) -> Officer:
    return Officer(row.id, row.sign_in_name, row.name, row.agencies, row.created_at, row.disabled_at)


def _officer_caller(transaction: Transaction, row: stored.OfficerRow) -> Caller:
    holder = f"officer:{row.id}"
    return Caller(CallerKind.OFFICER, holder, row.name, row.agencies, rights_of(transaction, holder))


def _subject(services: Services, kind: str, value: str) -> str:
    """A digest that only this installation can make: the table tells nobody who tried."""
    return hmac.new(services.secret, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_digest() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _hash_password(password: str) -> str:
    if not MIN_PASSWORD_CHARACTERS <= len(password) <= MAX_PASSWORD_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="password", reason="length")
    return _hasher().hash(password)


def _password_fits(password: str, digest: str | None) -> bool:
    try:
        _hasher().verify(digest or _nobodys_digest(), password[: MAX_PASSWORD_CHARACTERS + 1])
    except (VerificationError, InvalidHashError):
        return False
    return digest is not None
