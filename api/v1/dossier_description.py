"""The OpenAPI description of dossiers and their papers."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import ACCOUNT, BODY, FILE, UPLOAD, Json, answer, form, json_of, operation_of, path
from api.v1.schema_parts import DOSSIER_CODE

_CODE = path("code", "Dossier code, at most 64 visible characters", {"type": "string", "pattern": DOSSIER_CODE})


def dossier_paths() -> Json:
    """The routes of dossiers."""
    return {
        "/v1/dossiers/{code}": {
            "put": operation_of(
                "putDossier",
                "dossiers",
                "Record a dossier, or change what is known of it",
                {"201": answer("Recorded", "Dossier"), "200": answer("Was there already", "Dossier")},
                (
                    *ACCOUNT,
                    *BODY,
                    Kind.UNKNOWN_PROFILE,
                    Kind.AMBIGUOUS_PROFILE,
                    Kind.UNKNOWN_DOSSIER,
                    Kind.NOT_FOUND,
                ),
                parameters=(_CODE,),
                body=json_of("DossierRequest"),
            ),
            "get": operation_of(
                "getDossier",
                "dossiers",
                "A dossier with its papers and results",
                {"200": answer("The dossier", "Dossier")},
                (*ACCOUNT, Kind.UNKNOWN_DOSSIER),
                parameters=(_CODE,),
            ),
        },
        "/v1/dossiers/{code}/papers": {"post": _add_paper()},
    }


def _add_paper() -> Json:
    upload = form(
        {
            "file": {**FILE, "description": "The paper"},
            "name": {"type": "string", "description": "What the dossier calls it, such as Tờ khai"},
            "content": {**FILE, "description": "The signed file of a detached CMS"},
            "signed_by": {
                "type": "string",
                "enum": ["applicant", "officer"],
                "description": "Who is to sign it: the applicant (if absent), or the officer who scanned it at the "
                "counter, whose certificate is registered with the service. As first said of the same bytes and name",
            },
        },
        ["file"],
    )
    return operation_of(
        "addPaper",
        "dossiers",
        "Take in a paper, judge it, and say what becomes of it",
        {
            "201": answer("The paper with its outcome", "Paper"),
            "200": answer("The same paper was there already", "Paper"),
        },
        (*ACCOUNT, *UPLOAD, Kind.UNKNOWN_DOSSIER),
        parameters=(_CODE,),
        body=upload,
    )
