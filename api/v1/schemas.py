"""The shapes of requests and answers, once: published in ``/v1/openapi.json`` and what requests are proven against.

JSON Schema 2020-12, which OpenAPI 3.1 speaks. Enumerations are the code's own, so they cannot drift apart.
"""

from __future__ import annotations

from api.actions.check_result import ResultState
from api.errors import Kind
from api.v1.batch_schemas import BATCH_SCHEMAS
from api.v1.copy_schemas import COPY_SCHEMAS
from api.v1.dossier_schemas import DOSSIER_SCHEMAS
from api.v1.letter_description import LETTER_SCHEMAS
from api.v1.living_schemas import LIVING_SCHEMAS
from api.v1.number_schemas import NUMBER_SCHEMAS
from api.v1.release_description import RELEASE_SCHEMAS
from api.v1.report_schemas import REPORT_SCHEMAS
from api.v1.scan_schemas import SCAN_SCHEMAS
from api.v1.schema_parts import BOTH_TEXTS, Schema, enum, list_of, object_of, ref, time
from api.v1.seal_schemas import SEAL_SCHEMAS
from api.v1.session_schemas import SESSION_SCHEMAS
from certs.watch import Watched

_EVENT = object_of(
    {
        "number": {"type": "integer", "minimum": 1, "description": "Sequential, without gaps"},
        "type": {"type": "string"},
        "at": time("When it happened"),
        "subject": {"type": "string", "description": "Code or id of what it is about"},
        "data": {"type": "object", "description": "Codes and digests, no personal data"},
    }
)

_EVENTS = object_of(
    {
        "events": list_of(ref("Event"), "Oldest first"),
        "last": {"type": "integer", "minimum": 0, "description": "Ask after this number next"},
        "more": {"type": "boolean", "description": "There are more already: ask again at once"},
    }
)

_PUBLIC_ANSWER = object_of(
    {
        "state": enum(ResultState, "What can be said of the code or the file"),
        **BOTH_TEXTS,
        "answered_at": time("The state is that of this moment"),
        "result": {"anyOf": [ref("PublicResult"), {"type": "null"}]},
        "not_checked": list_of(ref("Reason"), "What the answer says nothing about"),
    }
)

_PROBLEM = {
    **object_of(
        {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "enum": [f"/v1/problems/{kind.value}" for kind in Kind],
                "description": "Stable; the address explains it",
            },
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "title": {"type": "string", "description": "In the language of Accept-Language"},
            "detail": {"type": "string", "description": "In the language of Accept-Language"},
            **BOTH_TEXTS,
            "code": {"type": "string", "description": "Why a seal was refused"},
            "field": {"type": "string", "description": "Which value is not valid"},
            "incident": {"type": "string", "description": "Only where it is our fault: quote it to the operator"},
        },
        optional=("code", "field", "incident"),
    ),
    "description": "RFC 9457 problem document",
}

_HEALTH = object_of({"status": {"type": "string", "enum": ["ok"]}})

_READINESS = object_of(
    {
        "status": {"type": "string", "enum": ["ready", "not-ready"]},
        "checks": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "warnings": {
            "type": "array",
            "description": "What of the trust store, and of the CRLs last fetched, expires soon",
            "items": object_of(
                {
                    "kind": {"type": "string", "enum": [kind.value for kind in Watched]},
                    "name": {"type": "string"},
                    "until": {"type": "string", "format": "date-time"},
                    "expired": {"type": "boolean"},
                    "text_vi": {"type": "string"},
                    "text_en": {"type": "string"},
                }
            ),
        },
    }
)

SCHEMAS: dict[str, Schema] = {
    **REPORT_SCHEMAS,
    **DOSSIER_SCHEMAS,
    **SCAN_SCHEMAS,
    **SEAL_SCHEMAS,
    "Event": _EVENT,
    "Events": _EVENTS,
    **LIVING_SCHEMAS,
    **COPY_SCHEMAS,
    **BATCH_SCHEMAS,
    **SESSION_SCHEMAS,
    **RELEASE_SCHEMAS,
    **NUMBER_SCHEMAS,
    **LETTER_SCHEMAS,
    "PublicAnswer": _PUBLIC_ANSWER,
    "Problem": _PROBLEM,
    "Health": _HEALTH,
    "Readiness": _READINESS,
}
