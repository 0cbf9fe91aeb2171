"""Dossiers and their papers: what the portal tells, and what the province's regulation makes of each paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import dossiers
from api.actions.check_result import VIETNAM
from api.dossiers.officers import PaperSigner
from api.dossiers.profiles import profiles_on
from api.errors import Kind, RequestError
from api.observability import metrics
from api.v1.answers import dossier_to_json, paper_to_json
from api.v1.reading import form_text, json_body, moment, optional_file, uploaded

blueprint = Blueprint("v1-dossiers", __name__, url_prefix="/v1/dossiers")


@blueprint.put("/<code>")
@access(Rule.STAFF)
def put(code: str) -> tuple[Response, int]:
    """Record a dossier or change what is known of it; 201 when it is new."""
    body = json_body("DossierRequest")
    answer = dossiers.put_dossier(current.services(), current.caller(), code, _data(body))
    return jsonify(dossier_to_json(answer.dossier, current.texts())), 201 if answer.created else 200


@blueprint.get("/<code>")
@access(Rule.STAFF)
def show(code: str) -> Response:
    """A dossier with its papers and results."""
    dossier = dossiers.get_dossier(current.services(), current.caller(), code)
    return jsonify(dossier_to_json(dossier, current.texts()))


@blueprint.post("/<code>/papers")
@access(Rule.STAFF)
def add_paper(code: str) -> tuple[Response, int]:
    """Take in a paper, judge it, and say what becomes of it; 200 where the same paper was there already."""
    upload = uploaded()
    paper = dossiers.add_paper(
        current.services(),
        current.caller(),
        code,
        upload,
        name=form_text("name") or "",
        content=optional_file("content"),
        signed_by=_signed_by(form_text("signed_by")),
    )
    metrics().judged(paper.verification.report.conclusion)
    return jsonify(paper_to_json(paper, current.texts())), 200 if paper.replayed else 201


def _signed_by(text: str | None) -> PaperSigner:
    """Who is to sign the paper.

    Raises:
        RequestError: INVALID_REQUEST.
    """
    if not text:
        return PaperSigner.APPLICANT
    try:
        return PaperSigner(text)
    except ValueError as error:
        expected = ", ".join(PaperSigner)
        raise RequestError(Kind.INVALID_REQUEST, field="signed_by", reason="enum", expected=expected) from error


def _data(body: dict[str, Any]) -> dossiers.DossierData:
    submitted_at = moment("submitted_at", body["submitted_at"])
    procedure, applicant = body["procedure"], body["applicant"]
    return dossiers.DossierData(
        regulation=_regulation(body, submitted_at),
        procedure_code=procedure["code"],
        procedure_name=procedure["name"],
        signature_required=procedure["signature_required"],
        level=procedure["level"],
        applicant_name=applicant["name"],
        applicant_cccd=applicant.get("cccd"),
        applicant_mst=applicant.get("mst"),
        submitted_at=submitted_at,
    )


def _regulation(body: dict[str, Any], submitted_at: datetime) -> str:
    """The regulation that is named, or the one that held in the province on the day of submission in Vietnam.

    Raises:
        RequestError: UNKNOWN_PROFILE, or AMBIGUOUS_PROFILE where the dates of two are not known well enough.
    """
    if "regulation" in body:
        return str(body["regulation"])
    found = profiles_on(current.services().profiles, body["province"], submitted_at.astimezone(VIETNAM).date())
    if not found:
        raise RequestError(Kind.UNKNOWN_PROFILE, regulation=str(body["province"]))
    if len(found) > 1:
        raise RequestError(Kind.AMBIGUOUS_PROFILE, regulations=", ".join(profile.key for profile in found))
    return found[0].key
