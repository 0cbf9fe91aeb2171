"""Shapes around copies: the order, the copy made, the register."""

from __future__ import annotations

from api.actions.copy_order import COPY_FORMS, COPY_SOURCES, MAX_CONVERTER_CHARACTERS
from api.v1.schema_parts import SHA256, Schema, day, list_of, maybe, named, object_of, ref, text, time
from api.v1.seal_schemas import DOSSIER, LEVEL, SEAL_SCHEMAS

_FORM = {"type": "string", "enum": list(COPY_FORMS), "description": "SAO Y, SAO LỤC or TRÍCH SAO (NĐ 30/2020 Đ.25)"}
_SOURCE = {
    "type": "string",
    "enum": list(COPY_SOURCES),
    "description": "What it was copied from; an electronic one gives a TRÍCH SAO only",
}
_CERTIFIED = {
    "type": "boolean",
    "description": "Certified (NĐ 45/2020 Đ.10): the signatory's signature and the agency's; false if absent",
}

_ORDER = object_of(
    {
        "agency": text("Key of the agency that copies", least=1, most=64),
        "signatory": text("Key of the authorised person; signs certified copies", least=1, most=64),
        "dossier": DOSSIER,
        "level": LEVEL,
        "title": named("What kind of paper the original is"),
        "number": named("Its number, as printed on it", 100),
        "holder_name": named("To whom it was given; the public sees it masked"),
        "issued_on": day("Day on which the original was issued"),
        "form": _FORM,
        "source": _SOURCE,
        "certified": _CERTIFIED,
        "converter": maybe(named("Who made an electronic document of the paper", MAX_CONVERTER_CHARACTERS)),
        "converted_on": maybe(day("When; not in the future")),
        "original_sha256": maybe(
            {
                **SHA256,
                "description": "The electronic original on file: a paper of the dossier or a result of the agency. Its "
                "signatures have to pass now; needed where a copy of an electronic document is certified",
            }
        ),
    },
    optional=("level", "certified", "converter", "converted_on", "original_sha256"),
    closed=True,
)

_ENTRY = object_of(
    {
        "agency": {"type": "string"},
        "year": {"type": "integer", "minimum": 2000},
        "number": {"type": "integer", "minimum": 1, "description": "Running number of the agency's year"},
        "result_code": {"type": "string"},
        "form": _FORM,
        "source": _SOURCE,
        "certified": {"type": "boolean"},
        "signatory": maybe({"type": "string", "description": "The certifier of a certified copy"}),
        "converter": maybe({"type": "string"}),
        "converted_on": maybe(day("When it was converted")),
        "original_sha256": SHA256,
        "entered_at": time("When it was entered"),
        "transfer_note": {
            "anyOf": [ref("SealedNote"), {"type": "null"}],
            "description": "The transfer note of the scan that a certified copy was sealed with",
        },
    }
)

_NOTE = object_of(
    {
        "check": {"type": "string", "description": "Id of the scan check that it is about"},
        "url": {"type": "string", "description": "Where it is fetched"},
        "record_sha256": {**SHA256, "description": "Its digest; stands in the reason of the copy's signatures"},
    }
)


_SEAL = SEAL_SCHEMAS["Seal"]

COPY_SCHEMAS: dict[str, Schema] = {
    "CopyOrder": _ORDER,
    "CopyEntry": _ENTRY,
    "SealedNote": _NOTE,
    "Copy": {
        **_SEAL,
        "properties": {**_SEAL["properties"], "entry": ref("CopyEntry")},
        "required": [*_SEAL["required"], "entry"],
    },
    "CopyRegister": object_of(
        {
            "entries": list_of(ref("CopyEntry"), "In the order of their numbers"),
            "next_after": maybe({"type": "integer", "description": "Ask again after this; null: no more"}),
        }
    ),
}
