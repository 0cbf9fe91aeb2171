"""Letters that the leader has signed and a clerk is to issue: what waits, issued or returned by an officer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import letters
from api.actions.letters import Letter
from api.file_answers import download
from api.refused import RefusalKind, Refused
from api.report_json import time_to_json
from api.v1.reading import json_body
from api.v1.releases import awaits_release

blueprint = Blueprint("v1-letters", __name__, url_prefix="/v1/letters")

Json = dict[str, Any]


@blueprint.get("")
@access(Rule.STAFF)
def waiting() -> Response:
    """What waits, oldest first."""
    found = letters.waiting(current.services(), current.caller())
    return jsonify({"letters": [letter_to_json(letter) for letter in found]})


@blueprint.get("/<letter_id>")
@access(Rule.STAFF)
def show(letter_id: str) -> Response:
    """One letter and what became of it."""
    return jsonify(letter_to_json(letters.get_letter(current.services(), current.caller(), letter_id)))


@blueprint.get("/<letter_id>/document")
@access(Rule.STAFF)
def document(letter_id: str) -> Response:
    """What the leader signed."""
    name, data = letters.letter_document(current.services(), current.caller(), letter_id)
    return download(data, "application/pdf", name)


@blueprint.post("/<letter_id>/issue")
@access(Rule.OFFICER)
def issue(letter_id: str) -> Response:
    """Give number and date, and seal it."""
    done = letters.issue(current.services(), current.caller(), letter_id)
    if done.refusal is not None:
        raise done.refusal
    return jsonify(letter_to_json(done.letter))


@blueprint.post("/<letter_id>/return")
@access(Rule.OFFICER)
def send_back(letter_id: str) -> Response:
    """Return it with a reason."""
    reason = json_body("LetterReturn")["reason"]
    return jsonify(letter_to_json(letters.send_back(current.services(), current.caller(), letter_id, reason)))


def awaits_person(refused: Refused) -> tuple[Response, int, dict[str, str]]:
    """202 with what waits, where an order waits for a person; any other refusal goes on.

    Raises:
        Refused: it is another one.
    """
    if refused.kind is not RefusalKind.LETTER_AWAITS_ISSUE or not refused.parameters["letter"]:
        return awaits_release(refused)
    found = letters.get_letter(current.services(), current.caller(), refused.parameters["letter"])
    return jsonify(letter_to_json(found)), 202, {"Location": f"/v1/letters/{found.id}"}


def letter_to_json(letter: Letter) -> Json:
    """A letter as everybody with an account of its agency sees it."""
    return {
        **vars(letter),
        "state": letter.state.value,
        "valid_until": None if letter.valid_until is None else letter.valid_until.isoformat(),
        "dated_on": None if letter.dated_on is None else letter.dated_on.isoformat(),
        "signed_at": time_to_json(letter.signed_at),
        "decided_at": time_to_json(letter.decided_at),
        "document_url": f"/v1/letters/{letter.id}/document",
    }
