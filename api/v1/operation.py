"""For the machinery around the service: is it alive, can it work, what has it counted."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from api import current
from api.access import Rule, access
from api.observability import METRICS, Metrics

blueprint = Blueprint("operation", __name__)


@blueprint.get("/healthz")
@access(Rule.PUBLIC)
def health() -> Response:
    """The process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@access(Rule.PUBLIC)
def ready() -> tuple[Response, int]:
    """What the service needs to do its work is there; 503 and which part where it is not."""
    services = current.services()
    checks = {"database": services.database.answers()}
    good = all(checks.values())
    return jsonify({"status": "ready" if good else "not-ready", "checks": checks}), 200 if good else 503


@blueprint.get("/metrics")
@access(Rule.PUBLIC)
def metrics() -> Response:
    """Counters in Prometheus' text format: numbers by route, nobody's data."""
    counted = cast(Metrics, current_app.extensions[METRICS])
    return Response(counted.exposition(), content_type=CONTENT_TYPE_LATEST)
