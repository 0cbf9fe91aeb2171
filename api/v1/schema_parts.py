"""Pieces of which the published schemas are made (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

Schema = dict[str, Any]

DOSSIER_CODE = r"^(?!\.+$)[!-~]{1,64}$"
VISIBLE = r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$"
"""At least one visible character, no control characters."""


def values(members: Iterable[StrEnum]) -> list[str]:
    """The values of an enumeration."""
    return [member.value for member in members]


def text(description: str, *, least: int = 0, most: int = 500, **more: Any) -> Schema:
    """A text, with its least and most characters."""
    return {"type": "string", "description": description, "minLength": least, "maxLength": most, **more}


def named(description: str, most: int = 300) -> Schema:
    """A text that a person reads: something must be visible in it."""
    return text(description, least=1, most=most, pattern=VISIBLE)


def maybe(schema: Schema) -> Schema:
    """This, or null."""
    described = {key: schema[key] for key in ("description",) if key in schema}
    return {
        "anyOf": [{key: value for key, value in schema.items() if key != "description"}, {"type": "null"}],
        **described,
    }


def enum(members: Iterable[StrEnum], description: str) -> Schema:
    """One of an enumeration's values."""
    return {"type": "string", "enum": values(members), "description": description}


def time(description: str) -> Schema:
    """A moment."""
    return {"type": "string", "format": "date-time", "description": f"{description} (ISO 8601 with zone)"}


def day(description: str) -> Schema:
    """A day."""
    pattern = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
    return {"type": "string", "format": "date", "pattern": pattern, "description": description}


def object_of(properties: dict[str, Schema], *, optional: Iterable[str] = (), closed: bool = False) -> Schema:
    """An object whose members are required unless ``optional``; ``closed`` refuses unknown members (requests)."""
    left_out = set(optional)
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in left_out],
    }
    if closed:
        schema["additionalProperties"] = False
    return schema


def list_of(item: Schema, description: str) -> Schema:
    """An array."""
    return {"type": "array", "items": item, "description": description}


def ref(name: str) -> Schema:
    """A reference to a published schema."""
    return {"$ref": f"#/components/schemas/{name}"}


SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 in hexadecimal"}
BOTH_TEXTS = {
    "text_vi": {"type": "string", "description": "In Vietnamese"},
    "text_en": {"type": "string", "description": "In English"},
}
