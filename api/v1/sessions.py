"""Documents signed in two steps by a key that is elsewhere: digest out, signature in."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import signing_sessions
from api.actions.session_order import SessionOrder
from api.actions.session_seals import SessionSeal
from api.actions.session_view import SigningSession
from api.dossiers.signing_session import MAX_WRONG_VALUES
from api.errors import Kind, RequestError
from api.file_answers import download
from api.report_json import time_to_json
from api.v1 import seals
from api.v1.reading import idempotency_key, json_body, json_part, maybe_day_of, uploaded

blueprint = Blueprint("v1-signing-sessions", __name__, url_prefix="/v1/signing-sessions")

Json = dict[str, Any]

DEFAULT_LEVEL = "B-T"
"""Whose key is elsewhere cannot be asked again: without a time stamp the signature would end with the certificate."""

RESULT_LEVEL = "B-LT"
"""The evidence of a result's first signature goes with it; the agency's seal adds its own, and the archive's stamp."""


@blueprint.post("")
@access(Rule.STAFF)
def create() -> tuple[Response, int, dict[str, str]]:
    """First step: what is to be signed."""
    key, upload = idempotency_key(), uploaded()
    body = json_part("order", "SigningSessionOrder")
    seal = None if body.get("seal") is None else _seal(body["seal"])
    order = SessionOrder(
        document=upload.data,
        certificates=tuple(_bytes(one, "certificates") for one in body["certificates"]),
        level=body.get("level", DEFAULT_LEVEL if seal is None else RESULT_LEVEL),
        name=body.get("name"),
        title=body.get("title"),
        dossier=body.get("dossier"),
        filename=upload.filename,
        seal=seal,
    )
    session = signing_sessions.open_session(current.services(), current.caller(), key, order)
    return jsonify(_to_json(session)), 201, {"Location": f"/v1/signing-sessions/{session.id}"}


@blueprint.get("/<session_id>")
@access(Rule.STAFF)
def show(session_id: str) -> Response:
    """Where the session stands."""
    return jsonify(_to_json(signing_sessions.get_session(current.services(), current.caller(), session_id)))


@blueprint.put("/<session_id>/signature")
@access(Rule.STAFF)
def sign(session_id: str) -> Response:
    """Second step: the signature value."""
    body = json_body("SigningSessionValue")
    value = _bytes(body["value"], "value")
    session = signing_sessions.sign_session(
        current.services(), current.caller(), session_id, value, body["digest_sha256"], body["match_code"]
    )
    return jsonify(_to_json(session))


@blueprint.post("/<session_id>/refusal")
@access(Rule.STAFF)
def refuse(session_id: str) -> Response:
    """It will not be signed."""
    reason = json_body("SigningSessionRefusal")["reason"]
    return jsonify(_to_json(signing_sessions.refuse_session(current.services(), current.caller(), session_id, reason)))


@blueprint.get("/<session_id>/document")
@access(Rule.STAFF)
def document(session_id: str) -> Response:
    """The signed file."""
    name, data = signing_sessions.signed_document(current.services(), current.caller(), session_id)
    return download(data, "application/pdf", name)


def _to_json(session: SigningSession) -> Json:
    result = None
    if session.verification is not None:
        result = {
            "sha256": session.signed_sha256,
            "size_bytes": session.signed_bytes,
            "document_url": f"/v1/signing-sessions/{session.id}/document",
            "verification": session.verification,
        }
    return {
        "id": session.id,
        "state": session.state.value,
        "document_sha256": session.document_sha256,
        "signed_attributes": base64.b64encode(session.attributes).decode(),
        "digest_sha256": session.digest.hex(),
        "signature_algorithm": session.algorithm,
        "match_code": session.match_code,
        "level": session.level,
        "dossier": session.dossier,
        "attempts_left": MAX_WRONG_VALUES - session.wrong_values,
        "reason": session.reason,
        "created_at": time_to_json(session.created_at),
        "expires_at": time_to_json(session.expires_at),
        "result": result,
        "seal": None if session.sealed is None else vars(session.sealed),
    }


def _seal(body: Json) -> SessionSeal:
    return SessionSeal(
        agency=body["agency"],
        signatory=body["signatory"],
        level=body.get("level", seals.DEFAULT_LEVEL),
        title=body["title"],
        number=body.get("number", ""),
        holder_name=body["holder_name"],
        issued_on=maybe_day_of(body, "issued_on"),
        valid_until=maybe_day_of(body, "valid_until"),
        issue=seals.issue_of(body),
    )


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="malformed") from error
