"""For the machinery around the service: is it alive, can it work, what has it counted."""

from __future__ import annotations

import os

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from api import current, observability
from api.access import Rule, access
from api.report_json import warning_to_json
from api.settings import SettingsError
from api.v1.answers import Json
from api.validation import Validation
from certs.anchors import TrustStoreError

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
    checks = {
        "database": services.database.answers(),
        "trust": _has_anchors(services.validation),
        "storage": os.access(services.settings.home, os.W_OK),
    }
    good = all(checks.values())
    status = "ready" if good else "not-ready"
    return jsonify({"status": status, "checks": checks, "warnings": _warnings()}), 200 if good else 503


def _warnings() -> list[Json]:
    """What expires soon; no reason not to be ready. An unreadable trust store is said by its own check."""
    services, texts = current.services(), current.texts()
    try:
        found = services.validation.warnings(services.clock())
    except (SettingsError, TrustStoreError):
        return []
    return [warning_to_json(warning, texts) for warning in found]


def _has_anchors(validation: Validation) -> bool:
    """Without a pinned anchor every signature would be INDETERMINATE: the service is up, but not of use."""
    try:
        return bool(validation.trust.anchors)
    except SettingsError:
        return False


@blueprint.get("/metrics")
@access(Rule.PUBLIC)
def metrics() -> Response:
    """Counters in Prometheus' text format: numbers by route, nobody's data."""
    return Response(observability.metrics().exposition(), content_type=CONTENT_TYPE_LATEST)
