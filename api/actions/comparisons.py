"""A copy laid over its original, kept as a record: what was compared, what was found, which pictures were shown.

START HERE for the officer's side: ``compare_pair`` makes the record, ``api/actions/reconciliation.py`` holds what
officers decide on it. Files are kept before the transaction that names them (``api/storage/documents.py``).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.actions.compare_papers import compare_files, page_to_json
from api.actions.dossier_access import may_see, owning_agency, visible_codes, visible_dossier
from api.actions.paper_prints import bind_files
from api.actions.recording import EventType, refuse_too_large, shown_name
from api.actions.scan_files import Side, file_of
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import scans as stored
from api.storage.codec import decode, encode
from api.storage.database import Transaction
from api.storage.identities import officer_by_id
from api.storage.journal import Plain, add_act, add_event
from api.storage.records import record_document
from verifier.process.workers import LimitedWorkers, WorkerFailedError
from verifier.report import Finding, Severity
from verifier.scans.aligned import PairPictures, draw_pair
from verifier.scans.compare import Comparison, Outcome
from verifier.scans.fingerprint import Binding

FINE_PAGES = 12
"""So many pairs are laid over each other by the displacement field, further ones by one homography: time is bounded."""
LISTED = 200
"""Comparisons looked through for those that a caller may see."""


@dataclass(frozen=True)
class Decision:
    """An officer's word; ``by`` is the name for the screen, ``record_sha256`` binds it to what was seen."""

    number: int
    caller: str
    by: str
    at: datetime
    decision: Outcome
    note: str
    record_sha256: str


@dataclass(frozen=True)
class ComparisonRecord:
    """A comparison with its pictures and all decisions, the first one first; ``pages`` in the contract's shape."""

    id: str
    created_at: datetime
    by: str
    dossier: str | None
    copy_sha256: str
    original_sha256: str
    copy_name: str
    original_name: str
    outcome: Outcome
    pages: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    pictures: tuple[stored.PictureRow, ...]
    decisions: tuple[Decision, ...]


def compare_pair(
    services: Services, caller: Caller, copy: Side, original: Side, *, dossier: str | None = None
) -> ComparisonRecord:
    """Compare two files and keep the record, whatever was found.

    Raises:
        Refused: UPLOAD_TOO_LARGE, UNKNOWN_DOSSIER, UNKNOWN_PAPER, INVALID_REQUEST (a paper without a dossier).
    """
    now = services.clock()
    left, right = (
        file_of(services, caller, side, dossier, name) for side, name in ((copy, "copy"), (original, "original"))
    )
    refuse_too_large(services, len(left.data) + len(right.data))
    found = compare_files(services.comparisons, left.data, right.data)
    begun = services.comparisons.patient()
    binding = bind_files(begun, left.data, right.data) if found.pages else None
    drawn = _drawn(begun, left.data, right.data, found)
    row = stored.ComparisonRow(
        id=str(uuid.uuid4()),
        caller=caller.id,
        agency=owning_agency(caller),
        created_at=now,
        dossier=dossier,
        copy_sha256=services.documents.put(left.data),
        original_sha256=services.documents.put(right.data),
        copy_name=shown_name(left.filename),
        original_name=shown_name(right.filename),
        outcome=found.outcome.value,
        pages=[page_to_json(page) for page in found.pages],
        findings=encode((*found.findings, *_said_of(binding))),
    )
    pictures = [_kept(services, position, pair) for position, pair in enumerate(drawn, 1) if pair is not None]
    kept = {row.copy_sha256: len(left.data), row.original_sha256: len(right.data)}
    kept |= {hashlib.sha256(data).hexdigest(): len(data) for pair in drawn for data in _files(pair)}
    with services.database.writing() as transaction:
        if dossier is not None:
            visible_dossier(transaction, caller, dossier)
        for sha256, size_bytes in sorted(kept.items()):
            record_document(transaction, sha256, size_bytes, now)
        stored.insert_comparison(transaction, row, pictures)
        facts = comparison_facts(row)
        add_act(transaction, caller.id, EventType.SCAN_COMPARED.value, now, f"comparison:{row.id}", facts)
        add_event(transaction, EventType.SCAN_COMPARED.value, now, f"comparison:{row.id}", facts)
        return record_of(transaction, row)


def get_comparison(services: Services, caller: Caller, comparison_id: str) -> ComparisonRecord:
    """A comparison as it was made, and what was decided since.

    Raises:
        Refused: UNKNOWN_COMPARISON, also where the caller may not see it.
    """
    with services.database.reading() as transaction:
        return record_of(transaction, visible_comparison(transaction, caller, comparison_id))


def list_comparisons(services: Services, caller: Caller, limit: int) -> list[ComparisonRecord]:
    """The newest that the caller may see."""
    with services.database.reading() as transaction:
        rows = stored.newest_comparisons(transaction, LISTED)
        codes = visible_codes(transaction, caller, {row.dossier for row in rows if row.dossier is not None})
        seen = [row for row in rows if _sees(caller, row, codes)]
        return [record_of(transaction, row) for row in seen[:limit]]


def comparison_picture(services: Services, caller: Caller, comparison_id: str, position: int, side: str) -> bytes:
    """The picture (JPEG) of one pair of pages (from 1): ``copy``, or the ``original`` laid over it.

    Raises:
        Refused: UNKNOWN_COMPARISON, also where there is no such picture.
    """
    with services.database.reading() as transaction:
        row = visible_comparison(transaction, caller, comparison_id)
        found = {picture.position: picture for picture in stored.pictures_of(transaction, row.id)}.get(position)
    sha256 = None if found is None else (found.copy_sha256 if side == "copy" else found.original_sha256)
    if sha256 is None:
        raise Refused(RefusalKind.UNKNOWN_COMPARISON)
    return services.documents.get(sha256)


def visible_comparison(
    transaction: Transaction, caller: Caller, comparison_id: str, *, lock: bool = False
) -> stored.ComparisonRow:
    """The comparison of that id for a caller that may see it: its dossier, or without one by the agency that made it.

    Raises:
        Refused: UNKNOWN_COMPARISON.
    """
    row = stored.find_comparison(transaction, comparison_id, lock=lock)
    codes = visible_codes(transaction, caller, [row.dossier]) if row is not None and row.dossier is not None else ()
    if row is None or not _sees(caller, row, codes):
        raise Refused(RefusalKind.UNKNOWN_COMPARISON)
    return row


def record_of(transaction: Transaction, row: stored.ComparisonRow) -> ComparisonRecord:
    """A row with its pictures and decisions."""
    decisions = tuple(
        Decision(
            each.number,
            each.caller,
            name_of(transaction, each.caller),
            each.at,
            Outcome(each.decision),
            each.note,
            each.record_sha256,
        )
        for each in stored.decisions_of(transaction, row.id)
    )
    return ComparisonRecord(
        id=row.id,
        created_at=row.created_at,
        by=name_of(transaction, row.caller),
        dossier=row.dossier,
        copy_sha256=row.copy_sha256,
        original_sha256=row.original_sha256,
        copy_name=row.copy_name,
        original_name=row.original_name,
        outcome=Outcome(row.outcome),
        pages=tuple(row.pages),
        findings=tuple(decode(Finding, each) for each in row.findings),
        pictures=tuple(stored.pictures_of(transaction, row.id)),
        decisions=decisions,
    )


def name_of(transaction: Transaction, caller_id: str) -> str:
    """An officer's name for the screen; empty for a program."""
    kind, _, officer = caller_id.partition(":")
    found = officer_by_id(transaction, officer) if kind == "officer" else None
    return "" if found is None else found.name


def comparison_facts(row: stored.ComparisonRow) -> dict[str, Plain]:
    """What an act or event says of a comparison: digests and codes, no names of files or people."""
    return {
        "comparison": row.id,
        "copy_sha256": row.copy_sha256,
        "original_sha256": row.original_sha256,
        "outcome": row.outcome,
        "dossier": row.dossier,
    }


def _sees(caller: Caller, row: stored.ComparisonRow, codes: frozenset[str] | tuple[()]) -> bool:
    return may_see(caller, row.agency, row.caller) if row.dossier is None else row.dossier in codes


def _said_of(binding: Binding | None) -> tuple[Finding, ...]:
    """What the two files are to each other, where that says more than the comparison."""
    if binding is None or binding is Binding.SAME_PAPER or binding is Binding.OTHER:
        return ()
    severity = Severity.WARNING if binding is Binding.CHANGED_SCAN else Severity.INFO
    return (Finding(f"COMPARISON-{binding.value.upper()}", severity),)


def _drawn(workers: LimitedWorkers, copy: bytes, original: bytes, found: Comparison) -> list[PairPictures | None]:
    """Each pair drawn in a worker of its own limits; one that cannot be drawn leaves the others."""
    fine = len(found.pages) <= FINE_PAGES
    drawn: list[PairPictures | None] = []
    for page in found.pages:
        try:
            pair = workers.run(draw_pair, copy, original, page.copy_page, page.original_page, fine)
        except WorkerFailedError:
            pair = None
        drawn.append(pair)
    return drawn


def _files(pair: PairPictures | None) -> list[bytes]:
    return [] if pair is None else [data for data in (pair.copy, pair.original) if data is not None]


def _kept(services: Services, position: int, pair: PairPictures) -> stored.PictureRow:
    copy, original = (None if data is None else services.documents.put(data) for data in (pair.copy, pair.original))
    return stored.PictureRow(position, pair.size[0], pair.size[1], pair.aligned, copy, original)
