"""The public check: the least that tells a genuine result from a false one, without an account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from api.codes import CodeError, VerificationCode
from api.services import Services
from api.storage.attachments import main_of
from api.storage.database import Transaction
from api.storage.living import ChangeKind, ChangeRow, LegalState, changes_of, state_of
from api.storage.seals import ResultRow, find_result, result_of_document, result_of_verification_code

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""A result is valid until the end of its last day there."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN_STARS = 3


class ResultState(StrEnum):
    """What the public check says of a code or a file."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The signatures are what they were; the agency has taken the result back."""
    REPLACED = "replaced"
    """The signatures are what they were; the agency has issued another result in its place."""
    UNKNOWN = "unknown"
    """No result of this installation has the code, or no sealed file has the digest."""
    MALFORMED = "malformed"
    """What was typed cannot be a code: wrong length, characters or check characters."""


class NotChecked(StrEnum):
    """What the answer says nothing about; each has a sentence ``not-checked.<value>`` in the pages' texts."""

    BEARER = "bearer"
    """Whether the person who holds the paper is the person it was given to."""
    PAPER_TEXT = "paper-text"
    """Whether the words on the paper are those of the sealed file (the reader compares; a file check does)."""
    STATUS_NOW = "status-now"
    """The signatures were checked when the result was sealed, not again now."""


@dataclass(frozen=True)
class PublicChange:
    """What the public may know of a decision: kind, reason, who decided it by which decision, the correction's note."""

    kind: ChangeKind
    reason: str
    decided_by: str
    decision_number: str
    decision_date: date
    at: datetime
    note: str | None


@dataclass(frozen=True)
class PublicSuccessor:
    """Another result: the one that holds in place of a replaced one, at the end of the chain, or a main document.

    Never its verification code: whoever holds the old paper could print that on a forged one.
    """

    title: str
    number: str
    issued_on: date
    state: ResultState


@dataclass(frozen=True)
class PublicResult:
    """The facts to compare with the paper, as corrected; ``holder`` is masked (``N*** T** H**``).

    ``earlier_version``: the file asked about is this result in an earlier state, with the same content, before time
    stamps or evidence were added. ``change`` is the withdrawal or the replacement. ``main`` is the main document of an
    attachment, which holds as long as that does: what ended the main document is said of the attachment too.
    """

    title: str
    number: str
    issued_on: date
    agency: str
    holder: str
    valid_until: date | None
    verification_code: str
    sealed_at: datetime
    earlier_version: bool = False
    change: PublicChange | None = None
    successor: PublicSuccessor | None = None
    corrections: tuple[PublicChange, ...] = ()
    main: PublicSuccessor | None = None


@dataclass(frozen=True)
class PublicAnswer:
    """Answer of the public check at ``answered_at``; ``result`` is None where nothing was found."""

    state: ResultState
    answered_at: datetime
    result: PublicResult | None = None
    not_checked: tuple[NotChecked, ...] = ()


def public_by_code(services: Services, typed: str) -> PublicAnswer:
    """Look a result up by the verification code as a person typed it."""
    now = services.clock()
    try:
        code = VerificationCode.parse(typed)
    except CodeError:
        return PublicAnswer(ResultState.MALFORMED, now)
    with services.database.reading() as transaction:
        row = result_of_verification_code(transaction, code.text)
        return _answer(transaction, row, now, (NotChecked.BEARER, NotChecked.PAPER_TEXT, NotChecked.STATUS_NOW))


def public_by_digest(services: Services, sha256: str) -> PublicAnswer:
    """Look a result up by the hexadecimal SHA-256 of its sealed file."""
    now, digest = services.clock(), sha256.strip().lower()
    if not _SHA256.fullmatch(digest):
        return PublicAnswer(ResultState.MALFORMED, now)
    with services.database.reading() as transaction:
        row = result_of_document(transaction, digest)
        return _answer(transaction, row, now, (NotChecked.BEARER, NotChecked.STATUS_NOW), digest)


def masked(name: str) -> str:
    """A name of which the holder recognises the letters and a stranger learns little: ``N*** T** H**``."""
    return " ".join(word[0] + "*" * min(len(word) - 1, _SHOWN_STARS) for word in name.split())


def shown_state(row: ResultRow, state: LegalState, now: datetime) -> ResultState:
    """What the agency decided comes before what the calendar says: a withdrawn result is not merely expired."""
    match state:
        case LegalState.WITHDRAWN:
            return ResultState.WITHDRAWN
        case LegalState.REPLACED:
            return ResultState.REPLACED
        case LegalState.IN_FORCE:
            expired = row.valid_until is not None and now.astimezone(VIETNAM).date() > row.valid_until
            return ResultState.EXPIRED if expired else ResultState.IN_FORCE


def _answer(
    transaction: Transaction,
    row: ResultRow | None,
    now: datetime,
    not_checked: tuple[NotChecked, ...],
    digest: str | None = None,
) -> PublicAnswer:
    if row is None:
        return PublicAnswer(ResultState.UNKNOWN, now)
    state, changes = state_of(transaction, row.result_code), changes_of(transaction, row.result_code)
    shown, until = shown_state(row, state.state, now), row.valid_until
    ending = [_public(one) for one in changes if one.kind is not ChangeKind.CORRECTION]
    main = _main(transaction, row)
    if main is not None and shown is ResultState.IN_FORCE:
        state = state_of(transaction, main.result_code)
        shown = shown_state(main, state.state, now)
        until = min((day for day in (until, main.valid_until) if day is not None), default=None)
        ended = changes_of(transaction, main.result_code)
        ending = [_public(one) for one in ended if one.kind is not ChangeKind.CORRECTION]
    result = PublicResult(
        title=row.title,
        number=row.paper_number,
        issued_on=row.issued_on,
        agency=row.agency_name,
        holder=masked(row.holder_name),
        valid_until=until,
        verification_code=str(VerificationCode(row.verification_code)),
        sealed_at=row.sealed_at,
        earlier_version=digest is not None and digest != row.document_sha256,
        change=ending[-1] if ending else None,
        successor=_successor(transaction, state.successor, now),
        corrections=tuple(_public(one) for one in changes if one.kind is ChangeKind.CORRECTION),
        main=None if main is None else _named(main, state_of(transaction, main.result_code).state, now),
    )
    return PublicAnswer(shown, now, result, not_checked)


def _main(transaction: Transaction, row: ResultRow) -> ResultRow | None:
    code = main_of(transaction, row.result_code)
    return None if code is None else find_result(transaction, code)


def _public(row: ChangeRow) -> PublicChange:
    return PublicChange(
        kind=row.kind,
        reason=row.reason,
        decided_by=row.decided_by,
        decision_number=row.decision_number,
        decision_date=row.decision_date,
        at=row.at,
        note=row.public_note if row.kind is ChangeKind.CORRECTION else None,
    )


def _successor(transaction: Transaction, code: str | None, now: datetime) -> PublicSuccessor | None:
    """The end of the chain of replacements; it has one, because a successor was in force when it was named."""
    if code is None:
        return None
    while (state := state_of(transaction, code)).successor is not None:
        code = state.successor
    found = find_result(transaction, code)
    assert found is not None, "a foreign key holds it"
    return _named(found, state.state, now)


def _named(row: ResultRow, state: LegalState, now: datetime) -> PublicSuccessor:
    return PublicSuccessor(row.title, row.paper_number, row.issued_on, shown_state(row, state, now))
