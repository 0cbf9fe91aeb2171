"""What a request carries: one file, a JSON object that fits its published schema, a number in the query."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from api.actions.verify_document import Upload
from api.errors import Kind, RequestError
from api.v1.schemas import SCHEMAS

MULTIPART = "multipart/form-data"
JSON = "application/json"
MAX_NAME_CHARS = 255


def expect(media_type: str) -> None:
    """The request must say that its body is of this type.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE.
    """
    if request.mimetype != media_type:
        raise RequestError(Kind.UNSUPPORTED_MEDIA_TYPE, expected=media_type)


def uploaded(field: str = "file") -> Upload:
    """The file in a part of the multipart form; its name is reduced to the last segment and shown, never used.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE or MISSING_FILE.
    """
    expect(MULTIPART)
    part = request.files.get(field)
    if part is None:
        raise RequestError(Kind.MISSING_FILE, field=field)
    return Upload(part.stream.read(), plain_name(part.filename or ""))


def optional_file(field: str) -> bytes | None:
    """The bytes of an optional part, None where it is absent."""
    part = request.files.get(field)
    return None if part is None else part.stream.read()


def plain_name(name: str) -> str:
    """A file's name without directories and control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[:MAX_NAME_CHARS]


def form_text(field: str) -> str | None:
    """A text part of the form; None where it is absent or empty."""
    return request.form.get(field) or None


def json_body(schema: str) -> dict[str, Any]:
    """The request's JSON object, proven against a published schema.

    Raises:
        RequestError: UNSUPPORTED_MEDIA_TYPE, MALFORMED_REQUEST (no JSON) or INVALID_REQUEST (which member and why).
    """
    expect(JSON)
    return parse_json(request.get_data(cache=False), schema)


def parse_json(data: bytes | str, schema: str) -> dict[str, Any]:
    """A JSON object from text (see ``json_body`` for what it raises)."""
    try:
        value = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = f"JSON: {error}" if isinstance(error, json.JSONDecodeError) else "JSON"
        raise RequestError(Kind.MALFORMED_REQUEST, reason=reason) from error
    fault = best_match(Draft202012Validator(_with_definitions(schema)).iter_errors(value))
    if fault is not None:
        where = "/".join(str(step) for step in fault.absolute_path) or "/"
        raise RequestError(Kind.INVALID_REQUEST, field=where, reason=_shortened(fault.message))
    assert isinstance(value, dict), "every schema of a body asks for an object"
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _with_definitions(schema: str) -> Mapping[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}


def _shortened(message: str) -> str:
    return message if len(message) <= 200 else message[:200] + "…"


def moment(field: str, text: str) -> datetime:
    """A time with its zone (ISO 8601).

    Raises:
        RequestError: INVALID_REQUEST.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="ISO 8601: 2026-10-01T08:00:00+07:00") from error
    if time.tzinfo is None:
        raise RequestError(Kind.INVALID_REQUEST, field=field, reason="ISO 8601: 2026-10-01T08:00:00+07:00")
    return time


def query_number(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from the query.

    Raises:
        RequestError: INVALID_REQUEST where it is none or out of range.
    """
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 18 or not least <= int(text) <= most:
        raise RequestError(Kind.INVALID_REQUEST, field=name, reason=f"{least}…{most}")
    return int(text)
