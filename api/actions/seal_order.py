"""What a sealing is asked for, and the answer: plain values, and what makes an order one that can be carried out."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from api.actions import copy_order, issue_order
from api.actions.copy_order import CopyWish
from api.actions.issue_order import IssueWish
from api.callers import Caller
from api.codes import MAX_RESULT_NUMBER
from api.dossiers.numbering import MAX_NUMBER
from api.refused import RefusalKind, Refused
from api.storage.codec import decode, encode

SEAL_LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")

BATCH_PREFIX = "batch:"
"""Idempotency keys of this form belong to batches: their intents are finished by the batch, in its own time."""

_KEY = re.compile(r"[!-~]{1,255}")
_MAX_TEXT_CHARACTERS = 500


@dataclass(frozen=True)
class SealOrder:
    """What to sign and seal, and what the public may learn about it.

    ``agency`` and ``signatory`` are ids of ``agencies.toml``. ``level`` is ``B-B``, ``B-T``, ``B-LT`` or ``B-LTA``.
    ``result_number`` asks for a certain n of ``<dossier>-KQ<n>``; the next free one if None. ``valid_until`` is the
    last day of validity; None means without limit. With ``copy`` the document is sealed as a copy, with
    ``attachment_of`` as an attachment of the main document with that result code. With ``issue`` number and date are
    given when the letter is issued: ``number`` is empty and ``issued_on`` None until then.
    """

    agency: str
    signatory: str
    dossier: str
    document: bytes
    level: str
    title: str
    number: str
    holder_name: str
    issued_on: date | None
    valid_until: date | None = None
    filename: str = ""
    result_number: int | None = None
    copy: CopyWish | None = None
    attachment_of: str | None = None
    issue: IssueWish | None = None

    @property
    def day_of_issue(self) -> date:
        """The letter's date, once it is known.

        Raises:
            RuntimeError: it is left to the moment of issue, and that has not come.
        """
        if self.issued_on is None:
            raise RuntimeError(f"{self.dossier}: the letter has no date yet")
        return self.issued_on

    @property
    def document_sha256(self) -> str:
        """Hexadecimal digest of the document as ordered."""
        return hashlib.sha256(self.document).hexdigest()

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the whole order: the same under one idempotency key, or the key is reused."""
        asked = self if self.issue is None else replace(self, issue=self.issue.as_asked)
        facts = order_facts(asked) | {"document": self.document_sha256}
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Seal:
    """A sealed result. ``replayed`` is True where the same order under the same key had been done before.

    ``level`` is the level that the file has now, ``wished_level`` the one that was asked for: while no time stamp
    authority answers a result may be handed out at B-B, and the worker raises it.
    """

    result_code: str
    verification_code: str
    check_url: str
    sha256: str
    size_bytes: int
    dossier: str
    agency: str
    signatory: str
    level: str
    wished_level: str
    title: str
    number: str
    issued_on: date
    valid_until: date | None
    sealed_at: datetime
    verification_id: str
    attachment_of: str | None = None
    replayed: bool = False


def order_facts(order: SealOrder) -> dict[str, Any]:
    """An order as JSON values, without the document's bytes."""
    later = ("copy", "attachment_of", "issue")
    absent = {name for name in later if getattr(order, name) is None}  # as orders of the past
    left_out = absent | {"document"}
    facts = {field.name: encode(getattr(order, field.name)) for field in fields(order) if field.name not in left_out}
    if order.copy is not None:
        facts["copy"] = {k: v for k, v in facts["copy"].items() if v is not None or k not in copy_order.LATER_MEMBERS}
    return facts


def order_of_facts(facts: dict[str, Any], document: bytes) -> SealOrder:
    """The order that ``order_facts`` was asked for."""
    return decode(SealOrder, facts | {"document": document})


def check_order(caller: Caller, key: str, order: SealOrder, max_bytes: int, today: date) -> None:
    """Refuse an order that cannot be carried out, whatever is stored.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, UPLOAD_TOO_LARGE, INVALID_REQUEST (``field``).
    """
    if not caller.may_seal_for(order.agency):
        raise Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=order.agency)
    if len(order.document) > max_bytes:
        raise Refused(RefusalKind.UPLOAD_TOO_LARGE, limit_bytes=str(max_bytes))
    if (given := issue_order.fault(order, today)) is not None:
        raise Refused(RefusalKind.INVALID_REQUEST, field=given[0], reason=given[1], expected=f"1–{MAX_NUMBER}")
    texts = {"title": order.title, "holder_name": order.holder_name}
    texts |= {} if order.issue is not None else {"number": order.number}
    wrong = [name for name, text in texts.items() if not 0 < len(text.strip()) <= _MAX_TEXT_CHARACTERS]
    if not _KEY.fullmatch(key):
        wrong.append("idempotency_key")
    if order.level not in SEAL_LEVELS:
        wrong.append("level")
    if order.valid_until is not None and order.issued_on is not None and order.valid_until < order.issued_on:
        wrong.append("valid_until")
    if order.result_number is not None and not 0 < order.result_number <= MAX_RESULT_NUMBER:
        wrong.append("result_number")
    if order.attachment_of is not None and order.copy is not None:
        wrong.append("attachment_of")
    if order.copy is not None and (member := copy_order.fault(order.copy, today)) is not None:
        wrong.append(member)
    if wrong:
        raise Refused(RefusalKind.INVALID_REQUEST, field=wrong[0], reason="malformed")
