"""Have a copy made exactly once; read the register of copies."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import copies
from api.actions.copies import Copy
from api.actions.copy_order import CopyWish
from api.actions.seal_order import SealOrder
from api.refused import Refused
from api.storage.copies import CopyRow
from api.v1 import seals
from api.v1.answers import seal_to_json
from api.v1.reading import day_of, idempotency_key, json_part, maybe_day_of, query_number, uploaded
from api.v1.releases import awaits_release

blueprint = Blueprint("v1-copies", __name__, url_prefix="/v1/copies")


@blueprint.post("")
@access(Rule.STAFF)
def create() -> tuple[Response, int, dict[str, str]]:
    """Sign, seal and enter a copy; the same key and the same request again give the same copy."""
    key = idempotency_key()
    upload = uploaded()
    body = json_part("order", "CopyOrder")
    order = SealOrder(
        agency=body["agency"],
        signatory=body["signatory"],
        dossier=body["dossier"],
        document=upload.data,
        level=body.get("level", seals.DEFAULT_LEVEL),
        title=body["title"],
        number=body["number"],
        holder_name=body["holder_name"],
        issued_on=day_of(body, "issued_on"),
        filename=upload.filename,
        copy=CopyWish(
            form=body["form"],
            source=body["source"],
            certified=body.get("certified", False),
            converter=body.get("converter"),
            original_sha256=body.get("original_sha256"),
            converted_on=maybe_day_of(body, "converted_on"),
        ),
    )
    try:
        made = copies.make_copy(current.services(), current.caller(), key, order)
    except Refused as refused:
        return awaits_release(refused)
    location = f"/v1/seals/{quote(made.seal.result_code, safe='')}"
    return jsonify(_copy_to_json(made)), 201, {"Location": location}


@blueprint.get("/registers/<agency>/<int:year>")
@access(Rule.STAFF)
def register(agency: str, year: int) -> Response:
    """A page of the register, in the order of its numbers."""
    after = query_number("after", 0, least=0, most=2**31 - 1)
    limit = query_number("limit", 100, least=1, most=copies.MAX_ENTRIES)
    rows = copies.copy_register(current.services(), current.caller(), agency, min(year, 9999), after, limit)
    return jsonify(
        {
            "entries": [_entry_to_json(row) for row in rows],
            "next_after": rows[-1].number if len(rows) == limit else None,
        }
    )


def _copy_to_json(made: Copy) -> dict[str, Any]:
    return {**seal_to_json(made.seal), "entry": _entry_to_json(made.entry)}


def _entry_to_json(row: CopyRow) -> dict[str, Any]:
    return {
        "agency": row.agency,
        "year": row.year,
        "number": row.number,
        "result_code": row.result_code,
        "form": row.form,
        "source": row.source,
        "certified": row.certified,
        "signatory": row.signatory,
        "converter": row.converter,
        "converted_on": None if row.converted_on is None else row.converted_on.isoformat(),
        "original_sha256": row.original_sha256,
        "entered_at": row.entered_at.isoformat(),
        "transfer_note": _note_to_json(row),
    }


def _note_to_json(row: CopyRow) -> dict[str, Any] | None:
    if row.note_check is None:
        return None
    url = f"/v1/scans/checks/{row.note_check}/transfer-note"
    return {"check": row.note_check, "url": url, "record_sha256": row.note_sha256}
