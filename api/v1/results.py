"""A result's life after sealing: what it is now, and the decisions that withdraw, replace or correct it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import living_results
from api.actions.check_result import shown_state
from api.actions.decisions import Authority, Decision, Facts, Reason
from api.errors import Kind, RequestError
from api.storage.living import ChangeKind
from api.v1.living_answers import result_to_json
from api.v1.reading import idempotency_key, json_body

blueprint = Blueprint("v1-results", __name__, url_prefix="/v1/results")


@blueprint.get("/<result_code>")
@access(Rule.STAFF)
def show(result_code: str) -> Response:
    """State, decisions and versions."""
    return _answer(living_results.get_result(current.services(), current.caller(), result_code))


@blueprint.post("/<result_code>/withdrawal")
@access(Rule.STAFF)
def withdraw(result_code: str) -> tuple[Response, int]:
    """From now on the result is not in force; its signatures stay what they are."""
    return _change(ChangeKind.WITHDRAWAL, result_code, json_body("WithdrawalRequest"))


@blueprint.post("/<result_code>/replacement")
@access(Rule.STAFF)
def replace(result_code: str) -> tuple[Response, int]:
    """Another result of the same agency holds in its place."""
    return _change(ChangeKind.REPLACEMENT, result_code, json_body("ReplacementRequest"))


@blueprint.post("/<result_code>/correction")
@access(Rule.STAFF)
def correct(result_code: str) -> tuple[Response, int]:
    """The register's facts are corrected, with a note that everybody reads."""
    return _change(ChangeKind.CORRECTION, result_code, json_body("CorrectionRequest"))


def _change(kind: ChangeKind, result_code: str, body: dict[str, Any]) -> tuple[Response, int]:
    authority = body["authority"]
    decision = Decision(
        kind=kind,
        result_code=result_code,
        reason=Reason(body["reason"]),
        authority=Authority(
            authority["decided_by"], authority["decision_number"], _day(authority, "authority", "decision_date")
        ),
        note=body.get("note"),
        successor=body.get("successor"),
        public_note=body.get("public_note"),
        facts=_facts(body.get("facts", {})),
    )
    return _answer(living_results.change_result(current.services(), current.caller(), idempotency_key(), decision)), 201


def _facts(body: dict[str, Any]) -> Facts:
    return Facts(
        title=body.get("title"),
        number=body.get("number"),
        holder_name=body.get("holder_name"),
        issued_on=_day(body, "facts", "issued_on") if "issued_on" in body else None,
        valid_until=_day(body, "facts", "valid_until") if body.get("valid_until") is not None else None,
        unlimited="valid_until" in body and body["valid_until"] is None,
    )


def _day(body: dict[str, Any], where: str, field: str) -> date:
    try:
        return date.fromisoformat(body[field])
    except ValueError as error:  # the schema's pattern lets 31 February pass
        raise RequestError(Kind.INVALID_REQUEST, field=f"{where}.{field}", reason="date") from error


def _answer(found: living_results.LivingResult) -> Response:
    services = current.services()
    return jsonify(result_to_json(found, shown_state(found.row, found.state.state, services.clock()), current.texts()))
