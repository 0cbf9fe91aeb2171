"""Scanned papers: is it a proper scan, is the copy the same as the original, what did the officer decide."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request, url_for

from api import current
from api.access import Rule, access
from api.actions.check_scan import check_file, scan_to_json
from api.actions.comparisons import ComparisonRecord, compare_pair, comparison_picture, get_comparison
from api.actions.reconciliation import decide
from api.actions.scan_files import Side, StoredPaper
from api.actions.transfer_notes import Source, Transfer, TransferNote, get_note, make_note
from api.errors import Kind, RequestError
from api.report_json import finding_to_json, time_to_json
from api.storage.scans import PictureRow
from api.v1.answers import Json
from api.v1.reading import MULTIPART, expect, form_text, json_body, moment, uploaded
from verifier.scans.compare import Outcome

blueprint = Blueprint("v1-scans", __name__, url_prefix="/v1/scans")

PICTURE_KEPT_S = 3600
SIDES = ("copy", "original")
MAX_PAPER_DIGITS = 6


@blueprint.post("/checks")
@access(Rule.STAFF)
def check() -> Response:
    """Look at a scan, uploaded or a dossier's; 200 whatever is found. Kept where a dossier is named."""
    found = check_file(current.services(), current.caller(), _side("file", "paper"), dossier=form_text("dossier"))
    answer = scan_to_json(found.report, current.texts())
    return jsonify(answer if found.id is None else {**answer, "id": found.id})


@blueprint.post("/checks/<check_id>/transfer-note")
@access(Rule.STAFF)
def note(check_id: str) -> tuple[Response, int]:
    """Who scanned the paper, when and on what: kept with the check, once."""
    body = json_body("TransferNoteRequest")
    said = Transfer(
        body["scanned_by"], moment("scanned_at", body["scanned_at"]), body["device"], Source(body["source"])
    )
    return jsonify(_note(make_note(current.services(), current.caller(), check_id, said))), 201


@blueprint.get("/checks/<check_id>/transfer-note")
@access(Rule.STAFF)
def show_note(check_id: str) -> Response:
    """The note on a check."""
    return jsonify(_note(get_note(current.services(), current.caller(), check_id)))


def _note(made: TransferNote) -> Json:
    said = made.transfer
    return {
        "id": made.id,
        "check": made.check,
        "dossier": made.dossier,
        "paper": made.paper_number,
        "sha256": made.document_sha256,
        "pages": made.pages,
        "scanned_by": said.scanned_by,
        "scanned_at": time_to_json(said.scanned_at),
        "device": said.device,
        "source": said.source.value,
        "checked_at": time_to_json(made.checked_at),
        "noted_at": time_to_json(made.noted_at),
        "passed": {requirement.value: held for requirement, held in made.passed.items()},
        "record_sha256": made.record_sha256,
    }


@blueprint.post("/comparisons")
@access(Rule.STAFF)
def compare() -> Response:
    """Compare a copy with its original, uploads or papers of a dossier; 200 with the record, whatever the outcome."""
    sides = [_side(side, f"{side}_paper") for side in SIDES]
    made = compare_pair(current.services(), current.caller(), *sides, dossier=form_text("dossier"))
    return jsonify(comparison_to_json(made))


@blueprint.get("/comparisons/<comparison_id>")
@access(Rule.STAFF)
def show(comparison_id: str) -> Response:
    """A comparison as it was made, and every decision on it."""
    return jsonify(comparison_to_json(get_comparison(current.services(), current.caller(), comparison_id)))


@blueprint.get("/comparisons/<comparison_id>/pages/<int:position>/<side>.jpg")
@access(Rule.STAFF)
def picture(comparison_id: str, position: int, side: str) -> Response:
    """The picture of one pair of pages: the copy, or the original laid over it."""
    if side not in SIDES:
        raise RequestError(Kind.UNKNOWN_COMPARISON)
    data = comparison_picture(current.services(), current.caller(), comparison_id, position, side)
    response = Response(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = f"private, max-age={PICTURE_KEPT_S}"
    return response


@blueprint.post("/comparisons/<comparison_id>/decisions")
@access(Rule.OFFICER)
def add_decision(comparison_id: str) -> tuple[Response, int]:
    """An officer's decision; a later one is added beside the first."""
    body = json_body("ScanDecisionRequest")
    decision = Outcome(body["decision"])
    made = decide(
        current.services(), current.caller(), comparison_id, decision, body.get("note", ""), after=body["after"]
    )
    return jsonify(comparison_to_json(made)), 201


def comparison_to_json(record: ComparisonRecord) -> Json:
    """The contract's object with the record around it."""
    texts = current.texts()
    return {
        "id": record.id,
        "created_at": time_to_json(record.created_at),
        "dossier": record.dossier,
        "copy_sha256": record.copy_sha256,
        "original_sha256": record.original_sha256,
        "outcome": record.outcome.value,
        "pages": list(record.pages),
        "findings": [finding_to_json(each, texts) for each in record.findings],
        "pictures": [
            {
                "position": each.position,
                "size": [each.width_pt, each.height_pt],
                "aligned": each.aligned,
                **{side: _picture(record.id, each.position, side, sha256) for side, sha256 in _digests(each)},
            }
            for each in record.pictures
        ],
        "decisions": [
            {
                "number": each.number,
                "decision": each.decision.value,
                "note": each.note,
                "by": each.caller,
                "at": time_to_json(each.at),
                "record_sha256": each.record_sha256,
            }
            for each in record.decisions
        ],
    }


def _digests(each: PictureRow) -> tuple[tuple[str, str | None], ...]:
    return (("copy", each.copy_sha256), ("original", each.original_sha256))


def _picture(comparison_id: str, position: int, side: str, sha256: str | None) -> Json | None:
    if sha256 is None:
        return None
    address = url_for("v1-scans.picture", comparison_id=comparison_id, position=position, side=side)
    return {"url": address, "sha256": sha256}


def _side(file: str, paper: str) -> Side:
    """An uploaded part, or the number of a paper that the dossier holds.

    Raises:
        RequestError: MISSING_FILE where there is neither, INVALID_REQUEST where the number is none.
    """
    expect(MULTIPART)
    number = form_text(paper)
    if number is None:
        return uploaded(file)
    if file in request.files or not number.isascii() or not number.isdigit() or len(number) > MAX_PAPER_DIGITS:
        raise RequestError(Kind.INVALID_REQUEST, field=paper, reason="malformed")
    return StoredPaper(int(number))
