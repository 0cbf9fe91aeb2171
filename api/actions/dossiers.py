"""Dossiers and their papers: record, check, and say what the province's regulation makes of it."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from api.actions.dossier_access import (
    changeable_dossier,
    owning_agency,
    require_dossier,
    visible_codes,
    visible_dossier,
)
from api.actions.officers import register_for
from api.actions.paper_prints import paper_pages
from api.actions.recording import EventType, Judged, judge, keep_bytes, record_verification, verdict_data
from api.actions.verify_document import StoredVerification, Upload, stored_verification
from api.callers import Caller
from api.codes import is_dossier_code
from api.dossiers.officers import OfficerRegister, PaperSigner
from api.dossiers.outcomes import Applicant, Outcome, canonical_mst, decide_outcome
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import dossiers as stored
from api.storage.codec import decode, encode
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from api.storage.paper_prints import insert_prints
from api.storage.records import verifications_by_id
from verifier.report import ValidationReport

FULLY_ONLINE = 4
"""The level on which papers are signed digitally; below it originals are seen at the counter."""

_CCCD = re.compile(r"[0-9]{12}|[0-9]{9}")
_MST = re.compile(r"[0-9]{10}(-?[0-9]{3})?|[0-9]{12}")


@dataclass(frozen=True)
class DossierData:
    """What the portal says of a dossier.

    ``regulation`` is the id of a profile (``api/dossiers/profiles/<id>.toml``). ``signature_required``: does this
    procedure ask for a digital signature on its papers (NĐ 45/2020 Đ.9). ``level`` is the service level (3, 4).
    """

    regulation: str
    procedure_code: str
    procedure_name: str
    signature_required: bool
    level: int
    applicant_name: str
    applicant_cccd: str | None
    applicant_mst: str | None
    submitted_at: datetime


@dataclass(frozen=True)
class Paper:
    """One paper of a dossier with its present verification and outcome; ``number`` counts from 1 in the dossier.

    ``signed_by`` is who is to sign it: the applicant, or the officer who scanned it at the counter. ``replayed`` is
    True where the same bytes under the same name had been taken in before.
    """

    id: str
    number: int
    name: str
    received_at: datetime
    verification: StoredVerification
    outcome: Outcome
    signed_by: PaperSigner
    replayed: bool = False


@dataclass(frozen=True)
class SeenCase:
    """A dossier that somebody may see, with what becomes of one of its verifications."""

    data: DossierData
    outcome: Outcome
    register: OfficerRegister


@dataclass(frozen=True)
class Dossier:
    """A dossier as recorded; ``results`` are the result codes sealed for it."""

    code: str
    data: DossierData
    created_at: datetime
    changed_at: datetime
    papers: tuple[Paper, ...]
    results: tuple[str, ...]


@dataclass(frozen=True)
class PutDossier:
    """Outcome of ``put_dossier``: ``created`` is False where the dossier was there already."""

    dossier: Dossier
    created: bool


def put_dossier(services: Services, caller: Caller, code: str, data: DossierData) -> PutDossier:
    """Record a dossier, or change what is known of it; the same data again changes nothing.

    A change can change what becomes of papers already taken in: their outcomes are decided anew from the reports. A
    branch's tax number is kept as ``NNNNNNNNNN-NNN``. A new dossier belongs to the caller's agency
    (``api/actions/dossier_access.py``); a change never moves it to another.

    Raises:
        Refused: INVALID_REQUEST (the code is no dossier code, a number of the applicant is malformed), UNKNOWN_PROFILE,
            UNKNOWN_DOSSIER (the code is a dossier's that the caller may not change).
    """
    _check(services, code, data)
    if data.applicant_mst is not None:
        data = replace(data, applicant_mst=canonical_mst(data.applicant_mst))
    now, facts = services.clock(), asdict(data)
    with services.database.writing() as transaction:
        known = stored.find_dossier(transaction, code, lock=True)
        if known is None:
            stored.insert_dossier(transaction, code, facts, caller.id, owning_agency(caller), now)
            _tell(transaction, caller, EventType.DOSSIER_RECORDED, code, now)
        elif changeable_dossier(transaction, caller, code).facts != facts:
            stored.update_dossier(transaction, code, facts, now)
            digests: dict[str, Plain] = {"before_sha256": _digest(known.facts), "after_sha256": _digest(facts)}
            _tell(transaction, caller, EventType.DOSSIER_CHANGED, code, now, digests)
            for paper in stored.papers_of(transaction, code):
                decide_anew(services, transaction, paper, paper.verification, now)
        return PutDossier(_dossier(transaction, require_dossier(transaction, code)), created=known is None)


def get_dossier(services: Services, caller: Caller, code: str) -> Dossier:
    """A dossier with its papers and results.

    Raises:
        Refused: UNKNOWN_DOSSIER, also where the caller may not see it.
    """
    with services.database.reading() as transaction:
        return _dossier(transaction, visible_dossier(transaction, caller, code))


def find_case(services: Services, caller: Caller, code: str, verified: StoredVerification) -> SeenCase | None:
    """What a dossier's regulation makes of a verification, None where the caller may not see the dossier."""
    with services.database.reading() as transaction:
        if code not in visible_codes(transaction, caller, [code]):
            return None
        row = require_dossier(transaction, code)
        papers = stored.papers_with_verification(transaction, verified.id)
        signed_by = PaperSigner(papers[0].signed_by) if papers else PaperSigner.APPLICANT
        outcome = _outcome_of(services, transaction, row, verified.report, signed_by)
        return SeenCase(_data(row), outcome, register_for(transaction, verified.report, row.agency))


def add_paper(
    services: Services,
    caller: Caller,
    code: str,
    upload: Upload,
    *,
    name: str,
    content: bytes | None = None,
    signed_by: PaperSigner = PaperSigner.APPLICANT,
) -> Paper:
    """Take in a paper, judge it and decide its outcome under the dossier's regulation, in one transaction.

    The same bytes under the same name again give the paper that is there already, ``signed_by`` as it was first said.

    Raises:
        Refused: UNKNOWN_DOSSIER, UPLOAD_TOO_LARGE. Nothing is stored then.
    """
    now, name = services.clock(), name.strip() or upload.filename
    sha256 = hashlib.sha256(upload.data).hexdigest()
    with services.database.reading() as transaction:
        changeable_dossier(transaction, caller, code)
        known = stored.find_paper(transaction, code, name, sha256)
        if known is not None:
            return _paper(transaction, known, replayed=True)
    judged = judge(services, upload.data, upload.filename, now, None, content)
    prints = paper_pages(services, upload.data)
    keep_bytes(services, judged)
    with services.database.writing() as transaction:
        dossier = changeable_dossier(transaction, caller, code, lock=True)
        known = stored.find_paper(transaction, code, name, sha256)
        if known is not None:  # the same request, sent twice at once
            return _paper(transaction, known, replayed=True)
        row = _record_paper(services, transaction, caller, dossier, judged, name=name, signed_by=signed_by, now=now)
        insert_prints(transaction, row.id, prints)
        return _paper(transaction, row)


def _record_paper(
    services: Services,
    transaction: Transaction,
    caller: Caller,
    dossier: stored.DossierRow,
    judged: Judged,
    *,
    name: str,
    signed_by: PaperSigner,
    now: datetime,
) -> stored.PaperRow:
    """The paper with its verification and outcome, the act and the event of its receipt."""
    verification = record_verification(
        transaction, caller.id, judged, now, agencies=caller.agencies, dossier=dossier.code
    )
    outcome = _outcome_of(services, transaction, dossier, judged.report, signed_by)
    row = stored.PaperRow(
        id=str(uuid.uuid4()),
        dossier=dossier.code,
        number=stored.next_paper_number(transaction, dossier.code),
        name=name,
        document_sha256=verification.document_sha256,
        received_at=now,
        caller=caller.id,
        verification=verification.id,
        outcome=encode(outcome),
        signed_by=signed_by.value,
    )
    stored.insert_paper(transaction, row)
    facts = verdict_data(verification) | {"paper": row.number, "outcome": outcome.code.value}
    add_act(transaction, caller.id, EventType.PAPER_RECEIVED.value, now, f"dossier:{dossier.code}", facts)
    add_event(transaction, EventType.PAPER_RECEIVED.value, now, f"dossier:{dossier.code}", facts)
    return row


def _outcome_of(
    services: Services,
    transaction: Transaction,
    row: stored.DossierRow,
    report: ValidationReport,
    signed_by: PaperSigner,
) -> Outcome:
    """What the dossier's regulation makes of a report."""
    data = _data(row)
    applicant = Applicant(data.applicant_name, data.applicant_cccd, data.applicant_mst)
    required = data.signature_required and data.level >= FULLY_ONLINE
    register = register_for(transaction, report, row.agency)
    return decide_outcome(report, applicant, services.profiles[data.regulation], required, register, signed_by)


def decide_anew(
    services: Services, transaction: Transaction, paper: stored.PaperRow, verification: str, now: datetime
) -> None:
    """Give a paper the outcome of a verification; tell the feed where the outcome changed."""
    dossier = require_dossier(transaction, paper.dossier)
    found = verifications_by_id(transaction, [verification])[verification]
    before = decode(Outcome, paper.outcome)
    after = _outcome_of(services, transaction, dossier, found.report, PaperSigner(paper.signed_by))
    if (before, paper.verification) == (after, verification):
        return
    stored.update_paper(transaction, paper.id, verification, encode(after))
    if before != after:
        facts = verdict_data(found) | {"paper": paper.number, "outcome": after.code.value, "before": before.code.value}
        add_event(transaction, EventType.PAPER_OUTCOME_CHANGED.value, now, f"dossier:{paper.dossier}", facts)


def _check(services: Services, code: str, data: DossierData) -> None:
    if not is_dossier_code(code):
        raise Refused(RefusalKind.INVALID_REQUEST, field="code", reason="malformed")
    if data.regulation not in services.profiles:
        raise Refused(RefusalKind.UNKNOWN_PROFILE, regulation=data.regulation)
    for field, number, form in (
        ("applicant.cccd", data.applicant_cccd, _CCCD),
        ("applicant.mst", data.applicant_mst, _MST),
    ):
        if number is not None and not form.fullmatch(number):
            raise Refused(RefusalKind.INVALID_REQUEST, field=field, reason="malformed")
    if data.submitted_at.tzinfo is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="submitted_at", reason="without a zone")


def _tell(
    transaction: Transaction,
    caller: Caller,
    kind: EventType,
    code: str,
    now: datetime,
    digests: dict[str, Plain] | None = None,
) -> None:
    """Record an act, with digests of what was known before and after a change, and an event, without them."""
    add_act(transaction, caller.id, kind.value, now, f"dossier:{code}", digests or {})
    add_event(transaction, kind.value, now, f"dossier:{code}")


def _digest(facts: dict[str, Any]) -> str:
    """Hexadecimal SHA-256 of a dossier's facts; equal facts give equal digests."""
    return hashlib.sha256(json.dumps(encode(facts), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _data(row: stored.DossierRow) -> DossierData:
    return DossierData(**row.facts)


def _dossier(transaction: Transaction, row: stored.DossierRow) -> Dossier:
    code = row.code
    rows = stored.papers_of(transaction, code)
    found = verifications_by_id(transaction, [paper.verification for paper in rows])
    papers = tuple(_shown(paper, stored_verification(found[paper.verification])) for paper in rows)
    results = tuple(stored.result_codes(transaction, code))
    return Dossier(code, _data(row), row.created_at, row.changed_at, papers, results)


def _paper(transaction: Transaction, row: stored.PaperRow, *, replayed: bool = False) -> Paper:
    found = verifications_by_id(transaction, [row.verification])[row.verification]
    return _shown(row, stored_verification(found), replayed=replayed)


def _shown(row: stored.PaperRow, verification: StoredVerification, *, replayed: bool = False) -> Paper:
    outcome = decode(Outcome, row.outcome)
    signer = PaperSigner(row.signed_by)
    return Paper(row.id, row.number, row.name, row.received_at, verification, outcome, signer, replayed)
