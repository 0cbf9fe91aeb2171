"""The public check: the least that tells a genuine result from a false one, without an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from api.services import Services


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
    raise NotImplementedError


def public_by_digest(services: Services, sha256: str) -> PublicAnswer:
    """Look a result up by the hexadecimal SHA-256 of its sealed file."""
    raise NotImplementedError
