"""Seals that wait for a second person: what waits, released or refused by an officer with the right to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import releases
from api.actions.releases import Release
from api.file_answers import download
from api.refused import RefusalKind, Refused
from api.report_json import time_to_json
from api.v1.reading import json_body

blueprint = Blueprint("v1-releases", __name__, url_prefix="/v1/releases")

Json = dict[str, Any]


@blueprint.get("")
@access(Rule.STAFF)
def waiting() -> Response:
    """What waits, oldest first."""
    found = releases.waiting(current.services(), current.caller())
    return jsonify({"releases": [release_to_json(release) for release in found]})


@blueprint.get("/<release_id>")
@access(Rule.STAFF)
def show(release_id: str) -> Response:
    """One request and what became of it."""
    return jsonify(release_to_json(releases.get_release(current.services(), current.caller(), release_id)))


@blueprint.get("/<release_id>/document")
@access(Rule.STAFF)
def document(release_id: str) -> Response:
    """What is to be sealed."""
    name, data = releases.release_document(current.services(), current.caller(), release_id)
    return download(data, "application/pdf", name)


@blueprint.post("/<release_id>/release")
@access(Rule.OFFICER)
def release(release_id: str) -> Response:
    """Release it; it is sealed at once."""
    services, caller = current.services(), current.caller()
    done = releases.release(services, caller, release_id)
    shown = release_to_json(releases.get_release(services, caller, release_id))
    return jsonify(shown | {"result_code": done.result_code})


@blueprint.post("/<release_id>/refusal")
@access(Rule.OFFICER)
def refuse(release_id: str) -> Response:
    """Refuse it with a reason."""
    reason = json_body("ReleaseRefusal")["reason"]
    return jsonify(release_to_json(releases.refuse(current.services(), current.caller(), release_id, reason)))


def awaits_release(refused: Refused) -> tuple[Response, int, dict[str, str]]:
    """202 with the request, where an order waits for a second person; any other refusal goes on.

    Raises:
        Refused: it is another one.
    """
    if refused.kind is not RefusalKind.SEAL_AWAITS_RELEASE or not refused.parameters["release"]:
        raise refused
    found = releases.get_release(current.services(), current.caller(), refused.parameters["release"])
    return jsonify(release_to_json(found)), 202, {"Location": f"/v1/releases/{found.id}"}


def release_to_json(release: Release) -> Json:
    """A request as everybody with an account of its agency sees it."""
    return {
        "id": release.id,
        "state": release.state.value,
        "agency": release.agency,
        "dossier": release.dossier,
        "title": release.title,
        "number": release.number,
        "holder_name": release.holder_name,
        "signatory": release.signatory,
        "issued_on": None if release.issued_on is None else release.issued_on.isoformat(),
        "valid_until": None if release.valid_until is None else release.valid_until.isoformat(),
        "copy_form": release.copy_form,
        "attachment_of": release.attachment_of,
        "document_sha256": release.document_sha256,
        "document_url": f"/v1/releases/{release.id}/document",
        "requested_by": release.requested_by,
        "requested_at": time_to_json(release.requested_at),
        "expires_at": time_to_json(release.expires_at),
        "decided_by": release.decided_by,
        "decided_at": time_to_json(release.decided_at),
        "reason": release.reason,
        "result_code": None,
    }
