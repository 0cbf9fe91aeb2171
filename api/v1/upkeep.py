"""How the evidence of sealed results stands, for those who look after it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions.evidence_health import evidence_health
from api.v1.living_answers import health_to_json

blueprint = Blueprint("v1-upkeep", __name__, url_prefix="/v1")


@blueprint.get("/evidence-health")
@access(Rule.STAFF)
def show() -> Response:
    """What ends when, what is due, what is stuck."""
    return jsonify(health_to_json(evidence_health(current.services(), current.caller()), current.texts()))
