"""Shapes and description of seals that wait for a second person."""

from __future__ import annotations

from api.actions.copy_order import COPY_FORMS
from api.actions.releases import MAX_REASON_CHARACTERS
from api.dossiers.release import ReleaseState
from api.errors import Kind
from api.v1.operations import ACCOUNT, BODY, OFFICER, Json, answer, binary, json_of, operation_of, path
from api.v1.schema_parts import SHA256, Schema, day, enum, list_of, maybe, named, object_of, ref, time

_TEXT: Schema = {"type": "string"}

RELEASE_SCHEMAS: dict[str, Schema] = {
    "Release": object_of(
        {
            "id": _TEXT,
            "state": enum(ReleaseState, "Where it stands"),
            **dict.fromkeys(("agency", "dossier", "title", "number", "holder_name", "signatory"), _TEXT),
            "issued_on": maybe(day("Day of issue, as the register will have it; null: given at issue")),
            "valid_until": maybe(day("Last day of validity; null: without limit")),
            "copy_form": maybe({"type": "string", "enum": list(COPY_FORMS), "description": "It is to be such a copy"}),
            "attachment_of": maybe({"type": "string", "description": "It is to be an attachment of this result"}),
            "document_sha256": SHA256,
            "document_url": {"type": "string", "description": "What is to be sealed"},
            "requested_by": {"type": "string", "description": "Which account or key asked for it"},
            "requested_at": time("When it was asked for"),
            "expires_at": time("Until when somebody has to decide"),
            "decided_by": maybe({"type": "string", "description": "Which officer decided"}),
            "decided_at": maybe(time("When it was decided")),
            "reason": maybe({"type": "string", "description": "Why it was refused"}),
            "result_code": maybe({"type": "string", "description": "Set where the release led to the seal at once"}),
        }
    ),
    "Releases": object_of({"releases": list_of(ref("Release"), "Oldest first")}),
    "ReleaseRefusal": object_of({"reason": named("Why it is not sealed", MAX_REASON_CHARACTERS)}, closed=True),
}


_ID = path("release_id", "Id of a request", {"type": "string"})
_KNOWN = (*ACCOUNT, Kind.UNKNOWN_RELEASE)
_SHOWN = {"200": answer("The request as it is now", "Release")}


def release_paths() -> Json:
    """Paths of releases."""
    return {
        "/v1/releases": {
            "get": operation_of(
                "listReleases",
                "seals",
                "Seals that wait for a second person",
                {"200": answer("What waits", "Releases")},
                ACCOUNT,
            )
        },
        "/v1/releases/{release_id}": {
            "get": operation_of("getRelease", "seals", "One request", _SHOWN, _KNOWN, parameters=(_ID,))
        },
        "/v1/releases/{release_id}/document": {
            "get": operation_of(
                "getReleaseDocument",
                "seals",
                "What is to be sealed",
                {"200": binary("The PDF as it came", "application/pdf")},
                _KNOWN,
                parameters=(_ID,),
            )
        },
        **_decisions(),
    }


def _decisions() -> Json:
    """What the second person does; only a person does."""
    decided = (*_KNOWN, Kind.RIGHT_MISSING, Kind.SAME_PERSON, Kind.RELEASE_DECIDED)
    return {
        "/v1/releases/{release_id}/release": {
            "post": operation_of(
                "releaseSeal",
                "seals",
                "Release a seal that another person asked for; it is made at once",
                _SHOWN,
                decided,
                parameters=(_ID,),
                security=OFFICER,
            )
        },
        "/v1/releases/{release_id}/refusal": {
            "post": operation_of(
                "refuseSeal",
                "seals",
                "Refuse a seal that another person asked for",
                _SHOWN,
                (*decided, *BODY),
                body=json_of("ReleaseRefusal"),
                parameters=(_ID,),
                security=OFFICER,
            )
        },
    }
