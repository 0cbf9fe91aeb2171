"""Have a result signed and sealed exactly once; fetch its record and the sealed file."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import seals
from api.actions.issue_order import IssueWish
from api.actions.preview_seal import DEFAULT_WIDTH_PX, PreviewOrder, preview_seal
from api.actions.verify_document import Upload
from api.file_answers import PDF, download
from api.refused import Refused
from api.v1.answers import preview_to_json, seal_to_json
from api.v1.letters import awaits_person
from api.v1.reading import idempotency_key, json_part, maybe_day_of, uploaded

blueprint = Blueprint("v1-seals", __name__, url_prefix="/v1")

DEFAULT_LEVEL = "B-LTA"


@blueprint.post("/seals")
@access(Rule.STAFF)
def create() -> tuple[Response, int, dict[str, str]]:
    """Sign and seal; the same key and the same request again give the same answer and no second seal."""
    key = idempotency_key()
    order = _order(uploaded())
    try:
        seal = seals.seal(current.services(), current.caller(), key, order)
    except Refused as refused:
        return awaits_person(refused)
    return jsonify(seal_to_json(seal)), 201, {"Location": f"/v1/seals/{quote(seal.result_code, safe='')}"}


@blueprint.post("/seals/previews")
@access(Rule.STAFF)
def preview() -> Response:
    """The page with the seals as they would stand on it; nothing is signed."""
    upload = uploaded()
    body = json_part("order", "SealPreviewOrder")
    order = PreviewOrder(body["agency"], body["signatory"], upload.data, body.get("width_px", DEFAULT_WIDTH_PX))
    answer = jsonify(preview_to_json(preview_seal(current.services(), current.caller(), order, current.language())))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/seals/<result_code>")
@access(Rule.STAFF)
def show(result_code: str) -> Response:
    """The record of a sealed result."""
    return jsonify(seal_to_json(seals.get_seal(current.services(), current.caller(), result_code)))


@blueprint.get("/results/<result_code>/document")
@access(Rule.STAFF)
def document(result_code: str) -> Response:
    """The sealed file."""
    name, data = seals.sealed_document(current.services(), current.caller(), result_code)
    return download(data, PDF, name)


def _order(upload: Upload) -> seals.SealOrder:
    body = json_part("order", "SealOrder")
    return seals.SealOrder(
        agency=body["agency"],
        signatory=body["signatory"],
        dossier=body["dossier"],
        document=upload.data,
        level=body.get("level", DEFAULT_LEVEL),
        title=body["title"],
        number=body.get("number", ""),
        holder_name=body["holder_name"],
        issued_on=maybe_day_of(body, "issued_on"),
        valid_until=maybe_day_of(body, "valid_until"),
        filename=upload.filename,
        result_number=body.get("result_number"),
        attachment_of=body.get("attachment_of"),
        issue=issue_of(body),
    )


def issue_of(body: dict[str, Any]) -> IssueWish | None:
    """What an order leaves to the moment of issue; None where its number and date are printed already."""
    asked = body.get("issue")
    if asked is None:
        return None
    return IssueWish(
        series=asked.get("series"),
        sign=asked.get("sign"),
        number=asked.get("number"),
        issued_on=maybe_day_of(asked, "issued_on"),
        by_clerk=asked.get("by_clerk", False),
    )
