"""What is ordered with a batch: one agency, one signatory, one level, and up to 10,000 results. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from api.actions.issue_order import IssueWish
from api.actions.seal_order import BATCH_PREFIX, SEAL_LEVELS, SealOrder
from api.callers import Caller
from api.codes import MAX_RESULT_NUMBER
from api.refused import RefusalKind, Refused
from api.storage.codec import decode, encode

MAX_NAME_CHARACTERS = 200
_MAX_TEXT_CHARACTERS = 500
_SHA256 = re.compile(r"[0-9a-f]{64}")


class WhenComplete(StrEnum):
    """What happens when the last document has come."""

    WAIT = "wait"
    CHECK = "check"
    SEAL = "seal"


@dataclass(frozen=True)
class BatchItem:
    """One result: what a ``SealOrder`` says of it. ``document`` is the hexadecimal SHA-256 of the PDF to come."""

    dossier: str
    document: str
    title: str
    number: str
    holder_name: str
    issued_on: date | None
    valid_until: date | None = None
    filename: str = ""
    result_number: int | None = None
    issue: IssueWish | None = None


@dataclass(frozen=True)
class BatchOrder:
    """Results to be sealed for one agency, by one authorised person, at one level."""

    name: str
    agency: str
    signatory: str
    level: str
    items: tuple[BatchItem, ...]
    when_complete: WhenComplete = WhenComplete.WAIT

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the whole order: the same under one idempotency key, or the key is reused."""
        facts = encode(self) | {"items": [item_facts(item) for item in self.items]}
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def check_batch_order(caller: Caller, order: BatchOrder, max_items: int) -> None:
    """Refuse a batch that cannot be carried out as a whole; what is wrong with one result alone is that result's.

    Two items with the same dossier and the same document, or asking for the same result number, are a mistake of the
    caller's program: nobody wants one result twice.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, BATCH_TOO_LARGE, INVALID_REQUEST (``field`` as in the JSON: ``items.0.title``).
    """
    if not caller.may_seal_for(order.agency):
        raise Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=order.agency)
    if len(order.items) > max_items:
        raise Refused(RefusalKind.BATCH_TOO_LARGE, items=str(len(order.items)), limit=str(max_items))
    if not order.items:
        raise _invalid("items", "empty")
    if not 0 < len(order.name.strip()) <= MAX_NAME_CHARACTERS:
        raise _invalid("name", "malformed")
    if order.level not in SEAL_LEVELS:
        raise _invalid("level", "malformed")
    for position, item in enumerate(order.items, 1):
        _check_item(position, item)
    _refuse_duplicates(order.items)


def seal_order_of(item: BatchItem, agency: str, signatory: str, level: str, document: bytes) -> SealOrder:
    """What is ordered for one item."""
    return SealOrder(
        agency=agency,
        signatory=signatory,
        dossier=item.dossier,
        document=document,
        level=level,
        title=item.title,
        number=item.number,
        holder_name=item.holder_name,
        issued_on=item.issued_on,
        valid_until=item.valid_until,
        filename=item.filename,
        result_number=item.result_number,
        issue=item.issue,
    )


def item_key(batch_id: str, position: int) -> str:
    """The idempotency key under which an item is sealed: the same however often it is tried."""
    return f"{BATCH_PREFIX}{batch_id}:{position}"


def item_facts(item: BatchItem) -> dict[str, Any]:
    """An item as JSON values."""
    facts = {field.name: encode(getattr(item, field.name)) for field in fields(item)}
    if item.issue is None:  # as items of the past
        del facts["issue"]
    return facts


def item_of_facts(facts: dict[str, Any]) -> BatchItem:
    """The item that ``item_facts`` was asked for."""
    return decode(BatchItem, facts)


def _check_item(position: int, item: BatchItem) -> None:
    texts = {"title": item.title, "holder_name": item.holder_name}
    texts |= {} if item.issue is not None else {"number": item.number}
    wrong = [name for name, text in texts.items() if not 0 < len(text.strip()) <= _MAX_TEXT_CHARACTERS]
    if not _SHA256.fullmatch(item.document):
        wrong.append("document")
    if item.issue is None and item.issued_on is None:
        raise _invalid(f"items.{position - 1}.issued_on", "required")
    if item.issue is not None and (item.number or item.issued_on is not None):
        raise _invalid(f"items.{position - 1}.{'number' if item.number else 'issued_on'}", "told-at-issue")
    if item.valid_until is not None and item.issued_on is not None and item.valid_until < item.issued_on:
        wrong.append("valid_until")
    if item.result_number is not None and not 0 < item.result_number <= MAX_RESULT_NUMBER:
        wrong.append("result_number")
    if wrong:
        raise _invalid(f"items.{position - 1}.{wrong[0]}", "malformed")


def _refuse_duplicates(items: Sequence[BatchItem]) -> None:
    papers: dict[tuple[str, str], int] = {}
    numbers: dict[tuple[str, int], int] = {}
    for position, item in enumerate(items, 1):
        first = papers.setdefault((item.dossier, item.document), position)
        if first != position:
            raise _invalid(f"items.{position - 1}.document", "duplicate", first)
        if item.result_number is None:
            continue
        first = numbers.setdefault((item.dossier, item.result_number), position)
        if first != position:
            raise _invalid(f"items.{position - 1}.result_number", "duplicate", first)


def _invalid(field: str, reason: str, first: int = 0) -> Refused:
    return Refused(RefusalKind.INVALID_REQUEST, field=field, reason=reason, expected=str(first))
