"""The shapes of dossiers: who submits what under which regulation, and the papers taken in."""

from __future__ import annotations

from api.v1.schema_parts import Schema, list_of, maybe, named, object_of, ref, text, time

_CCCD = {"type": "string", "pattern": "^[0-9]{12}$", "description": "Citizen identity number: 12 digits"}

_MST = {
    "type": "string",
    "pattern": "^([0-9]{10}(-?[0-9]{3})?|[0-9]{12})$",
    "description": "Tax number: 10 digits, a branch with -NNN (kept with the dash), or 12 digits",
}

_APPLICANT = object_of(
    {
        "name": named("Name; a hint only, never proof"),
        "cccd": maybe(_CCCD),
        "mst": maybe(_MST),
    },
    optional=("cccd", "mst"),
    closed=True,
)

_DOSSIER_REQUEST = {
    **object_of(
        {
            "regulation": text("Key of the regulation, such as lao-cai-24-2021", least=1, most=64),
            "province": text("Or the province: the regulation follows from the day of submission", least=1, most=64),
            "procedure": ref("Procedure"),
            "applicant": ref("Applicant"),
            "submitted_at": time("When the dossier was submitted"),
        },
        optional=("regulation", "province"),
        closed=True,
    ),
    "anyOf": [{"required": ["regulation"]}, {"required": ["province"]}],
}

_PROCEDURE = object_of(
    {
        "code": named("Code of the procedure", 64),
        "name": named("Name of the procedure"),
        "level": {"type": "integer", "enum": [3, 4], "description": "3: một phần (in part online), 4: toàn trình"},
        "signature_required": {
            "type": "boolean",
            "description": "Does the procedure ask for a digital signature on its papers (NĐ 45/2020 Đ.9)",
        },
    },
    closed=True,
)

_PAPER = object_of(
    {
        "id": {"type": "string"},
        "number": {"type": "integer", "minimum": 1, "description": "Counts from 1 within the dossier"},
        "name": {"type": "string", "description": "What the dossier calls the paper"},
        "received_at": time("When it was received"),
        "signed_by": {
            "type": "string",
            "enum": ["applicant", "officer"],
            "description": "Who is to sign it: the applicant, or the officer who scanned it at the counter",
        },
        "outcome": ref("Outcome"),
        "verification": ref("Verification"),
    }
)

_DOSSIER = object_of(
    {
        "code": {"type": "string"},
        "regulation": {"type": "string", "description": "Key of the regulation"},
        "procedure": ref("Procedure"),
        "applicant": ref("Applicant"),
        "submitted_at": time("When the dossier was submitted"),
        "created_at": time("When it was recorded here"),
        "changed_at": time("When it was last changed"),
        "papers": list_of(ref("Paper"), "In the order of receipt"),
        "results": list_of({"type": "string"}, "Result codes sealed for the dossier"),
    }
)

DOSSIER_SCHEMAS: dict[str, Schema] = {
    "Applicant": _APPLICANT,
    "Procedure": _PROCEDURE,
    "DossierRequest": _DOSSIER_REQUEST,
    "Paper": _PAPER,
    "Dossier": _DOSSIER,
}
