"""The shapes of seals: the order, the seal made, and how a result would look."""

from __future__ import annotations

from api.actions.seal_order import SEAL_LEVELS
from api.codes import MAX_RESULT_NUMBER
from api.v1.number_schemas import NUMBER, SERIES, SIGN
from api.v1.schema_parts import DOSSIER_CODE, SHA256, Schema, day, maybe, named, object_of, ref, text, time

WHO_SEALS: dict[str, Schema] = {
    "agency": text("Key of the agency that seals", least=1, most=64),
    "signatory": text("Key of the authorised person who signs first", least=1, most=64),
}
DOSSIER: Schema = {"type": "string", "pattern": DOSSIER_CODE, "description": "Code of the dossier"}
LEVEL: Schema = {
    "type": "string",
    "enum": list(SEAL_LEVELS),
    "description": "PAdES baseline level; B-LTA if absent",
}
RESULT_NUMBER = maybe({"type": "integer", "minimum": 1, "maximum": MAX_RESULT_NUMBER, "description": "n of -KQ<n>"})
RESULT_FACTS: dict[str, Schema] = {
    "title": named("What kind of paper it is, as printed on it"),
    "number": named("Its number, as printed on it; required without `issue`", 100),
    "holder_name": named("To whom it was given; the public sees it masked"),
    "issued_on": day("Day of issue; required without `issue`"),
    "valid_until": maybe(day("Last day of validity; null: without limit")),
}
"""What every order says of the result that is to be sealed."""

ISSUE = maybe(ref("IssueOrder"))
"""In place of ``number`` and ``issued_on``: they are given when the letter is issued."""

_ISSUE_ORDER = {
    **object_of(
        {
            "series": maybe({**SERIES, "description": "Key of the agency's series; null where the portal has its own"}),
            "sign": maybe(SIGN),
            "number": maybe({**NUMBER, "description": "Given by the portal; null where the series gives it"}),
            "issued_on": maybe(day("Given by the portal; null where the series gives the number")),
            "by_clerk": {
                "type": "boolean",
                "description": "The leader signs now, an officer issues the letter later; false if absent: all at once",
            },
        },
        optional=("series", "sign", "number", "issued_on", "by_clerk"),
        closed=True,
    ),
    "description": "Number and date are written into the letter's blanks when it is issued (NĐ 30/2020 Đ.14 to 16)",
}

_SEAL_ORDER = object_of(
    {
        **WHO_SEALS,
        "dossier": DOSSIER,
        "level": LEVEL,
        **RESULT_FACTS,
        "result_number": RESULT_NUMBER,
        "attachment_of": maybe(
            text("Result code of the main document that this is an attachment of", least=1, most=80)
        ),
        "issue": ISSUE,
    },
    optional=("level", "number", "issued_on", "valid_until", "result_number", "attachment_of", "issue"),
    closed=True,
)

_PREVIEW_ORDER = object_of(
    {
        **WHO_SEALS,
        "width_px": {
            "type": "integer",
            "minimum": 200,
            "maximum": 2400,
            "description": "Width of the picture; 1000 if absent",
        },
    },
    optional=("width_px",),
    closed=True,
)

_BOX_MM = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "Left, bottom, right, top in mm on the displayed page, origin bottom left",
}

_SEAL_PREVIEW = object_of(
    {
        "page": {"type": "integer", "minimum": 1, "description": "The page that carries the seals, from 1"},
        "pages": {"type": "integer", "minimum": 1},
        "size_mm": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "method": {
            "type": "string",
            "enum": ["text", "field", "corner", "free-space", "margin"],
            "description": "How the place was found: between the signer's title and name (text), or a way to fall back",
        },
        "seals": {
            "type": "array",
            "items": object_of(
                {
                    "role": {"type": "string", "enum": ["authorised-person", "agency"]},
                    "page": {"type": "integer", "minimum": 1},
                    "box_mm": _BOX_MM,
                }
            ),
        },
        "picture": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
    }
)

_SEAL = object_of(
    {
        "result_code": {"type": "string", "description": "<dossier>-KQ<n>; can be guessed, needs access control"},
        "verification_code": {"type": "string", "description": "Random, printed on the result, for the public check"},
        "check_url": {"type": "string", "description": "What the QR code on the paper carries"},
        "document_url": {"type": "string", "description": "Where the sealed file is fetched"},
        "sha256": SHA256,
        "size_bytes": {"type": "integer", "minimum": 1},
        "dossier": {"type": "string"},
        "agency": {"type": "string"},
        "signatory": {"type": "string"},
        "level": {"type": "string", "enum": list(SEAL_LEVELS), "description": "Level that the file has now"},
        "wished_level": {
            "type": "string",
            "enum": list(SEAL_LEVELS),
            "description": "Level asked for; above `level` while time stamps are still to be had: the worker raises it",
        },
        "title": {"type": "string"},
        "number": {"type": "string"},
        "issued_on": day("Day of issue"),
        "valid_until": maybe(day("Last day of validity")),
        "sealed_at": time("When it was sealed"),
        "verification": {"type": "string", "description": "Id of the self-check's report"},
        "attachment_of": maybe({"type": "string", "description": "Result code of its main document"}),
        "replayed": {"type": "boolean", "description": "The same request under the same key had been done before"},
    }
)

SEAL_SCHEMAS: dict[str, Schema] = {
    "IssueOrder": _ISSUE_ORDER,
    "SealOrder": _SEAL_ORDER,
    "Seal": _SEAL,
    "SealPreviewOrder": _PREVIEW_ORDER,
    "SealPreview": _SEAL_PREVIEW,
}
