"""Check a document, fetch a report again."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import dossiers, verify_document
from api.actions.evidence import evidence_bundle
from api.actions.reports import etsi_report
from api.file_answers import download
from api.observability import metrics
from api.v1.answers import Json, outcome_to_json, verification_to_json
from api.v1.reading import form_text, optional_file, uploaded

blueprint = Blueprint("v1-verifications", __name__, url_prefix="/v1/verifications")


@blueprint.post("")
@access(Rule.STAFF)
def create() -> Response:
    """Judge an uploaded document; 200 whatever the verdict."""
    upload = uploaded()
    stored = verify_document.verify_upload(
        current.services(),
        current.caller(),
        upload,
        dossier=form_text("dossier"),
        policy=form_text("policy"),
        content=optional_file("content"),
    )
    metrics().judged(stored.report.conclusion)
    return jsonify(_with_outcome(stored))


@blueprint.get("/<verification_id>")
@access(Rule.STAFF)
def show(verification_id: str) -> Response:
    """The report as it was given, and whether a later look replaced it."""
    stored = verify_document.get_verification(current.services(), current.caller(), verification_id)
    return jsonify(_with_outcome(stored))


@blueprint.get("/<verification_id>/evidence")
@access(Rule.STAFF)
def evidence(verification_id: str) -> Response:
    """Everything the verdict rests on besides the document, as a ZIP that describes itself."""
    data = evidence_bundle(current.services(), current.caller(), verification_id, current.texts())
    return download(data, "application/zip", f"evidence-{verification_id}.zip")


@blueprint.get("/<verification_id>/report.xml")
@access(Rule.STAFF)
def report_xml(verification_id: str) -> Response:
    """The verdict as an ETSI TS 119 102-2 report, sealed where a report key is configured."""
    data = etsi_report(current.services(), current.caller(), verification_id, current.texts())
    return download(data, "application/xml", f"report-{verification_id}.xml")


def _with_outcome(stored: verify_document.StoredVerification) -> Json:
    """The report and, for a dossier that the caller may see, what its regulation makes of it."""
    texts = current.texts()
    answer = {**verification_to_json(stored, texts), "outcome": None}
    code = stored.dossier
    seen = dossiers.find_case(current.services(), current.caller(), code, stored) if code else None
    if seen is not None:
        answer["outcome"] = outcome_to_json(seen.outcome, "", texts)
    return answer
