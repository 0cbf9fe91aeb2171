"""The public check: the least that tells a genuine result from a false one, without an account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from api.codes import CodeError, VerificationCode
from api.services import Services
from api.storage.seals import ResultRow, result_of_document, result_of_verification_code

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""A result is valid until the end of its last day there."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN_STARS = 3


class ResultState(StrEnum):
    """What the public check says of a code or a file."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
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
class PublicResult:
    """The facts to compare with the paper; ``holder`` is masked (``N*** T** H**``)."""

    title: str
    number: str
    issued_on: date
    agency: str
    holder: str
    valid_until: date | None
    verification_code: str
    sealed_at: datetime


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
    return _answer(row, now, (NotChecked.BEARER, NotChecked.PAPER_TEXT, NotChecked.STATUS_NOW))


def public_by_digest(services: Services, sha256: str) -> PublicAnswer:
    """Look a result up by the hexadecimal SHA-256 of its sealed file."""
    now, digest = services.clock(), sha256.strip().lower()
    if not _SHA256.fullmatch(digest):
        return PublicAnswer(ResultState.MALFORMED, now)
    with services.database.reading() as transaction:
        row = result_of_document(transaction, digest)
    return _answer(row, now, (NotChecked.BEARER, NotChecked.STATUS_NOW))


def masked(name: str) -> str:
    """A name of which the holder recognises the letters and a stranger learns little: ``N*** T** H**``."""
    return " ".join(word[0] + "*" * min(len(word) - 1, _SHOWN_STARS) for word in name.split())


def _answer(row: ResultRow | None, now: datetime, not_checked: tuple[NotChecked, ...]) -> PublicAnswer:
    if row is None:
        return PublicAnswer(ResultState.UNKNOWN, now)
    expired = row.valid_until is not None and now.astimezone(VIETNAM).date() > row.valid_until
    result = PublicResult(
        title=row.title,
        number=row.paper_number,
        issued_on=row.issued_on,
        agency=row.agency_name,
        holder=masked(row.holder_name),
        valid_until=row.valid_until,
        verification_code=str(VerificationCode(row.verification_code)),
        sealed_at=row.sealed_at,
    )
    return PublicAnswer(ResultState.EXPIRED if expired else ResultState.IN_FORCE, now, result, not_checked)
