"""Scanned papers: is it a proper scan."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions.check_scan import check_upload, scan_to_json
from api.v1.reading import uploaded

blueprint = Blueprint("v1-scans", __name__, url_prefix="/v1/scans")


@blueprint.post("/checks")
@access(Rule.STAFF)
def check() -> Response:
    """Look at an uploaded scan; 200 whatever is found, and nothing is stored."""
    return jsonify(scan_to_json(check_upload(current.services(), uploaded()), current.texts()))
