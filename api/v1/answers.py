"""What actions return, as the JSON of the published schemas."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING, Any

from api.actions.dossiers import Dossier, DossierData, Paper
from api.actions.events import EventPage
from api.actions.seals import Seal
from api.actions.verify_document import StoredVerification
from api.dossiers.outcomes import Outcome
from api.i18n.texts import Texts
from api.report_json import report_to_json, time_to_json

if TYPE_CHECKING:
    from signer.preview import SealPreview

Json = dict[str, Any]


def verification_to_json(stored: StoredVerification, texts: Texts) -> Json:
    """The contract's report object with what it rests on."""
    report = stored.report
    return {
        "id": stored.id,
        "created_at": time_to_json(stored.created_at),
        "dossier": stored.dossier,
        "policy": report.policy_id,
        "policy_sha256": report.policy_sha256,
        "trust_store_sha256": report.trust_store_sha256,
        "validation_time": time_to_json(report.validation_time),
        "size_bytes": report.size_bytes,
        "pages": report.pages,
        "retry_at": time_to_json(stored.retry_at),
        "replaced_by": stored.replaced_by,
        **report_to_json(report, texts, stored.filename or None),
    }


def outcome_to_json(outcome: Outcome, paper: str, texts: Texts) -> Json:
    """An outcome with its sentences; ``paper`` is what the dossier calls the paper."""
    text_vi, text_en = texts.both(outcome.code.value)
    return {
        "code": outcome.code.value,
        "text_vi": text_vi,
        "text_en": text_en,
        "article": outcome.article,
        "column": None if outcome.column is None else outcome.column.value,
        "retry": outcome.retry,
        "reason": None if outcome.reason is None else _reason(outcome.reason, paper, texts),
    }


def _reason(code: str, paper: str, texts: Texts) -> Json:
    return {
        "code": code,
        "text_vi": texts.say(code, "vi", paper=paper or texts.say("paper-default", "vi")),
        "text_en": texts.say(code, "en", paper=paper or texts.say("paper-default", "en")),
    }


def paper_to_json(paper: Paper, texts: Texts) -> Json:
    """A paper with its present verification and outcome."""
    return {
        "id": paper.id,
        "number": paper.number,
        "name": paper.name,
        "received_at": time_to_json(paper.received_at),
        "signed_by": paper.signed_by.value,
        "outcome": outcome_to_json(paper.outcome, paper.name, texts),
        "verification": verification_to_json(paper.verification, texts),
    }


def dossier_to_json(dossier: Dossier, texts: Texts) -> Json:
    """A dossier with its papers and results."""
    return {
        "code": dossier.code,
        **_dossier_data(dossier.data),
        "created_at": time_to_json(dossier.created_at),
        "changed_at": time_to_json(dossier.changed_at),
        "papers": [paper_to_json(paper, texts) for paper in dossier.papers],
        "results": list(dossier.results),
    }


def _dossier_data(data: DossierData) -> Json:
    return {
        "regulation": data.regulation,
        "procedure": {
            "code": data.procedure_code,
            "name": data.procedure_name,
            "level": data.level,
            "signature_required": data.signature_required,
        },
        "applicant": {"name": data.applicant_name, "cccd": data.applicant_cccd, "mst": data.applicant_mst},
        "submitted_at": time_to_json(data.submitted_at),
    }


def seal_to_json(seal: Seal) -> Json:
    """A sealed result's record."""
    return {
        "result_code": seal.result_code,
        "verification_code": seal.verification_code,
        "check_url": seal.check_url,
        "document_url": f"/v1/results/{seal.result_code}/document",
        "sha256": seal.sha256,
        "size_bytes": seal.size_bytes,
        "dossier": seal.dossier,
        "agency": seal.agency,
        "signatory": seal.signatory,
        "level": seal.level,
        "wished_level": seal.wished_level,
        "title": seal.title,
        "number": seal.number,
        "issued_on": seal.issued_on.isoformat(),
        "valid_until": _day(seal.valid_until),
        "sealed_at": time_to_json(seal.sealed_at),
        "verification": seal.verification_id,
        "attachment_of": seal.attachment_of,
        "replayed": seal.replayed,
    }


def preview_to_json(preview: SealPreview) -> Json:
    """A page with its seals, the picture in base64."""
    return {
        "page": preview.page,
        "pages": preview.pages,
        "size_mm": list(preview.size_mm),
        "method": None if preview.method is None else preview.method.value,
        "seals": [{"role": seal.role.value, "page": seal.page, "box_mm": list(seal.box_mm)} for seal in preview.seals],
        "picture": base64.b64encode(preview.png).decode("ascii"),
    }


def events_to_json(page: EventPage) -> Json:
    """A page of the feed."""
    return {
        "events": [
            {
                "number": event.number,
                "type": event.type,
                "at": time_to_json(event.at),
                "subject": event.subject,
                "data": event.data,
            }
            for event in page.events
        ],
        "last": page.last,
        "more": page.more,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
