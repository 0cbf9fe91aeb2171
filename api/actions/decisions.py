"""Decisions about results: what is asked for, who decided it, and what makes it one that can be carried out. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from api.callers import Caller, Right
from api.refused import RefusalKind, Refused
from api.storage.codec import encode
from api.storage.living import ChangeKind

MAX_NOTE_CHARACTERS = 2000
MAX_PUBLIC_NOTE_CHARACTERS = 300
"""What everybody may read is one or two sentences, not a file."""
MAX_TEXT_CHARACTERS = 500

_KEY = re.compile(r"[!-~]{1,255}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Reason(StrEnum):
    """Why a result was withdrawn, replaced or corrected, as the public learns it (``change.reason.<value>``)."""

    ISSUED_IN_ERROR = "issued-in-error"
    FALSE_DOCUMENTS = "false-documents"
    CONDITIONS_ENDED = "conditions-ended"
    HOLDER_REQUEST = "holder-request"
    COURT_OR_INSPECTION = "court-or-inspection"
    CONTENT_CHANGED = "content-changed"
    MISTAKE_IN_WRITING = "mistake-in-writing"
    OTHER = "other"


RIGHTS = {
    ChangeKind.WITHDRAWAL: Right.WITHDRAW_RESULTS,
    ChangeKind.REPLACEMENT: Right.WITHDRAW_RESULTS,
    ChangeKind.CORRECTION: Right.CORRECT_RESULTS,
}


@dataclass(frozen=True)
class Authority:
    """Who decided, and by which decision; the public sees all three."""

    decided_by: str
    decision_number: str
    decision_date: date


@dataclass(frozen=True)
class Facts:
    """Facts of the register that a correction sets; None leaves one as it is.

    ``unlimited`` sets a result that had a last day of validity to be good without limit.
    """

    title: str | None = None
    number: str | None = None
    holder_name: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    unlimited: bool = False

    @property
    def given(self) -> dict[str, Any]:
        """What is set, by the names of the results' columns."""
        named = {"title": self.title, "paper_number": self.number, "holder_name": self.holder_name}
        dated = {"issued_on": self.issued_on, "valid_until": self.valid_until}
        found: dict[str, Any] = {name: value for name, value in (named | dated).items() if value is not None}
        return found | ({"valid_until": None} if self.unlimited else {})


@dataclass(frozen=True)
class Decision:
    """A decision about one result. ``note`` is for the agency, ``public_note`` for everybody (corrections only)."""

    kind: ChangeKind
    result_code: str
    reason: Reason
    authority: Authority
    note: str | None = None
    successor: str | None = None
    public_note: str | None = None
    facts: Facts = field(default_factory=Facts)

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the whole decision: the same under one idempotency key, or the key is reused."""
        values = {one.name: encode(getattr(self, one.name)) for one in fields(self)}
        return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check_decision(caller: Caller, key: str, decision: Decision, today: date) -> None:
    """Refuse a decision that cannot be carried out, whatever is stored.

    Raises:
        Refused: RIGHT_MISSING, INVALID_REQUEST (``field``).
    """
    right = RIGHTS[decision.kind]
    if right not in caller.rights:
        raise Refused(RefusalKind.RIGHT_MISSING, right=right.value)
    if not _KEY.fullmatch(key):
        raise Refused(RefusalKind.INVALID_REQUEST, field="idempotency_key", reason="malformed")
    authority = decision.authority
    _text("authority.decided_by", authority.decided_by, MAX_TEXT_CHARACTERS)
    _text("authority.decision_number", authority.decision_number, MAX_TEXT_CHARACTERS)
    if authority.decision_date > today:
        raise Refused(RefusalKind.INVALID_REQUEST, field="authority.decision_date", reason="future")
    if decision.note is not None:
        _text("note", decision.note, MAX_NOTE_CHARACTERS)
    if decision.reason is Reason.OTHER and decision.note is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="note", reason="required")
    _check_kind(decision)


def _check_kind(decision: Decision) -> None:
    """What each kind of decision has, and no other."""
    if decision.kind is not ChangeKind.REPLACEMENT and decision.successor is not None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="successor", reason="unexpected")
    if decision.kind is not ChangeKind.CORRECTION and (decision.facts.given or decision.public_note is not None):
        raise Refused(RefusalKind.INVALID_REQUEST, field="facts", reason="unexpected")
    match decision.kind:
        case ChangeKind.WITHDRAWAL:
            pass
        case ChangeKind.REPLACEMENT:
            if not decision.successor:
                raise Refused(RefusalKind.INVALID_REQUEST, field="successor", reason="required")
            if decision.successor == decision.result_code:
                raise Refused(RefusalKind.SUCCESSOR_NOT_USABLE, code=decision.successor, reason="itself")
        case ChangeKind.CORRECTION:
            _check_correction(decision)


def _check_correction(decision: Decision) -> None:
    _text("public_note", decision.public_note or "", MAX_PUBLIC_NOTE_CHARACTERS)
    facts = decision.facts
    for name, value in (("title", facts.title), ("number", facts.number), ("holder_name", facts.holder_name)):
        if value is not None:
            _text(f"facts.{name}", value, MAX_TEXT_CHARACTERS)
    if facts.unlimited and facts.valid_until is not None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="facts.unlimited", reason="malformed")


def _text(name: str, text: str, most: int) -> None:
    """Not empty, not too long, nothing that no printed page could show."""
    if not text.strip():
        raise Refused(RefusalKind.INVALID_REQUEST, field=name, reason="required")
    if len(text) > most:
        raise Refused(RefusalKind.INVALID_REQUEST, field=name, reason="length")
    if _CONTROL.search(text):
        raise Refused(RefusalKind.INVALID_REQUEST, field=name, reason="malformed")
