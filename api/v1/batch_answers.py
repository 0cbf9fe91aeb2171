"""Batches and their items as the JSON of the published schemas."""

from __future__ import annotations

from collections.abc import Mapping

from api.actions.batch_view import Batch, Item, ItemPage
from api.i18n.texts import Texts
from api.problems import reason_in_words
from api.report_json import time_to_json
from api.v1.answers import Json


def batch_to_json(batch: Batch, texts: Texts) -> Json:
    """A batch with its counts."""
    return {
        "id": batch.id,
        "name": batch.name,
        "agency": batch.agency,
        "signatory": batch.signatory,
        "level": batch.level,
        "when_complete": batch.when_complete.value,
        "state": batch.state.value,
        "total": batch.total,
        "counts": {state.value: count for state, count in batch.counts.items()} | {"working": batch.working},
        "dry_run": {state.value: count for state, count in batch.checks.items()},
        "missing": batch.missing_count,
        "missing_documents": list(batch.missing),
        "waiting": _waiting(batch, texts),
        "paused_reason": batch.paused_reason,
        "created_at": time_to_json(batch.created_at),
        "changed_at": time_to_json(batch.changed_at),
        "finished_at": time_to_json(batch.finished_at),
        "replayed": batch.replayed,
    }


def page_to_json(batch: Batch, page: ItemPage, texts: Texts) -> Json:
    """A batch and a page of its items."""
    return {
        "batch": batch_to_json(batch, texts),
        "items": [item_to_json(batch.id, item, texts) for item in page.items],
        "last": page.last,
        "more": page.more,
    }


def item_to_json(batch_id: str, item: Item, texts: Texts) -> Json:
    """One item with its outcome."""
    return {
        "position": item.position,
        "dossier": item.dossier,
        "document": item.document,
        "filename": item.filename,
        "title": item.title,
        "number": item.number,
        "received": item.received,
        "state": item.state.value,
        "working": item.working,
        "reason": _reason(item.reason, item.reason_data, texts),
        "dry_run": None if item.checked is None else item.checked.value,
        "dry_run_reason": _reason(item.check_reason, item.check_data, texts),
        "placements": [dict(place) for place in item.placements],
        "picture_url": f"/v1/batches/{batch_id}/items/{item.position}/picture.png",
        "result_code": item.result_code,
        "changed_at": time_to_json(item.changed_at),
    }


def _waiting(batch: Batch, texts: Texts) -> Json | None:
    if batch.waiting_reason is None:
        return None
    text_vi, text_en = reason_in_words("temporarily-unavailable", batch.waiting_data, texts)
    return {
        "code": batch.waiting_reason,
        "text_vi": text_vi,
        "text_en": text_en,
        "since": time_to_json(batch.waiting_since),
        "next_try": time_to_json(batch.waiting_until),
    }


def _reason(code: str | None, data: Mapping[str, str], texts: Texts) -> Json | None:
    if code is None:
        return None
    text_vi, text_en = reason_in_words(code, data, texts)
    return {"code": data.get("refusal", code), "text_vi": text_vi, "text_en": text_en}
