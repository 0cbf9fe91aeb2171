"""Results as JSON: as the public may know them, and as their agency sees them with every decision and version."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.actions.check_result import PublicAnswer, PublicChange, PublicResult, PublicSuccessor, ResultState
from api.actions.evidence_health import EvidenceHealth, reason_code
from api.actions.living_results import LivingResult
from api.codes import VerificationCode
from api.i18n.texts import Texts
from api.report_json import time_to_json
from api.storage.living import ChangeRow
from api.storage.upkeep import Task

Json = dict[str, Any]


def public_answer_to_json(answer: PublicAnswer, texts: Texts, *, of_file: bool) -> Json:
    """The public check's answer, in the very words of the citizen's page."""
    text_vi, text_en = texts.both(f"page.result.{'file-' if of_file else ''}{answer.state.value}.title")
    return {
        "state": answer.state.value,
        "text_vi": text_vi,
        "text_en": text_en,
        "answered_at": time_to_json(answer.answered_at),
        "result": None if answer.result is None else _public_result(answer.result, texts),
        "not_checked": [reason_to_json(f"not-checked.{part.value}", texts) for part in answer.not_checked],
    }


def _public_result(result: PublicResult, texts: Texts) -> Json:
    return {
        "title": result.title,
        "number": result.number,
        "issued_on": result.issued_on.isoformat(),
        "agency": result.agency,
        "holder": result.holder,
        "valid_until": day_to_json(result.valid_until),
        "verification_code": result.verification_code,
        "sealed_at": time_to_json(result.sealed_at),
        "earlier_version": result.earlier_version,
        "change": None if result.change is None else _public_change(result.change, texts),
        "successor": None if result.successor is None else _public_successor(result.successor),
        "corrections": [_public_change(one, texts) for one in result.corrections],
        "main": None if result.main is None else _public_successor(result.main),
    }


def _public_change(change: PublicChange, texts: Texts) -> Json:
    return {
        "kind": change.kind.value,
        "reason": reason_to_json(f"change.reason.{change.reason}", texts),
        "decided_by": change.decided_by,
        "decision_number": change.decision_number,
        "decision_date": change.decision_date.isoformat(),
        "at": time_to_json(change.at),
        "note": change.note,
    }


def _public_successor(successor: PublicSuccessor) -> Json:
    return {
        "title": successor.title,
        "number": successor.number,
        "issued_on": successor.issued_on.isoformat(),
        "state": successor.state.value,
    }


def result_to_json(found: LivingResult, state: ResultState, texts: Texts) -> Json:
    """A result as its agency sees it: state, decisions and every version of its file."""
    row = found.row
    return {
        "result_code": row.result_code,
        "dossier": row.dossier,
        "agency": row.agency,
        "title": row.title,
        "number": row.paper_number,
        "holder_name": row.holder_name,
        "issued_on": row.issued_on.isoformat(),
        "valid_until": day_to_json(row.valid_until),
        "state": state.value,
        "successor": found.state.successor,
        "verification_code": str(VerificationCode(row.verification_code)),
        "sha256": row.document_sha256,
        "level": row.level,
        "sealed_at": time_to_json(row.sealed_at),
        "changes": [_change(one, texts) for one in found.changes],
        "versions": [
            {
                "number": version.number,
                "sha256": version.document_sha256,
                "level": version.level,
                "cause": version.cause.value,
                "made_at": time_to_json(version.made_at),
                "verification": version.verification,
            }
            for version in found.versions
        ],
        "replayed": found.replayed,
    }


def _change(change: ChangeRow, texts: Texts) -> Json:
    return {
        "number": change.number,
        "kind": change.kind.value,
        "reason": reason_to_json(f"change.reason.{change.reason}", texts),
        "note": change.note,
        "public_note": change.public_note,
        "authority": {
            "decided_by": change.decided_by,
            "decision_number": change.decision_number,
            "decision_date": change.decision_date.isoformat(),
        },
        "successor": change.successor,
        "before": change.before,
        "after": change.after,
        "at": time_to_json(change.at),
        "caller": change.caller,
    }


def health_to_json(health: EvidenceHealth, texts: Texts) -> Json:
    """The state of the evidence."""
    return {
        "at": time_to_json(health.at),
        "due": {task.value: health.due.get(task, 0) for task in Task},
        "next_due": time_to_json(health.next_due),
        "months": [{"month": one.month, "count": one.count} for one in health.months],
        "stuck": [
            {
                "result_code": row.result_code,
                "agency": row.agency,
                "task": None if row.task is None else row.task.value,
                "level": row.level,
                "wished_level": row.wished_level,
                "expires_at": time_to_json(row.expires_at),
                "expires_with": row.expires_with,
                "next_at": time_to_json(row.next_at),
                "attempts": row.attempts,
                "reason": reason_to_json(reason_code(row), texts),
            }
            for row in health.stuck
        ],
        "quotas": [
            {"address": one.address, "period": one.period, "used": one.used, "limit": one.limit}
            for one in health.quotas
        ],
    }


def reason_to_json(code: str, texts: Texts) -> Json:
    """A code with its two sentences."""
    text_vi, text_en = texts.both(code)
    return {"code": code, "text_vi": text_vi, "text_en": text_en}


def day_to_json(day: date | None) -> str | None:
    """A day as ISO 8601."""
    return None if day is None else day.isoformat()
